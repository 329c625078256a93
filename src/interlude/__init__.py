"""Interlude: a clinical system for ketamine-assisted therapy."""

__version__ = "0.1.0"
