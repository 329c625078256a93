"""The door for bedside devices: HL7 v2 over MLLP."""
