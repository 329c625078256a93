"""The consent texts that ship, one file for each language. Our own wording; read by `plans.consent_texts`."""
