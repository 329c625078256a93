"""The example clinic: invented people brought through the therapy by the same services that the pages call."""
