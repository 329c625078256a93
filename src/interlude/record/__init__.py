"""The health record: one room per noun, in the order of care."""
