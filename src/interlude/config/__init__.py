"""Floor 5: settings, addresses, and the wiring of the rooms and doors."""
