"""How the lower floors say no: one exception that names the field and carries a translatable text.

The domain imports no web framework, so a refusal holds an English template and its parameters; a door
translates the template and fills it in.
"""

from __future__ import annotations


def N_(text: str) -> str:
    """Mark an English text for the message catalogue; returns it unchanged."""
    return text


class Refused(ValueError):
    """Something may not be done or read, with the reason in words.

    `template` is the English text with `{named}` gaps, `params` fills the gaps, `field` names the input that
    the text belongs to ("" when it belongs to the whole form).
    """

    def __init__(self, template: str, *, field: str = "", **params: object) -> None:
        super().__init__(template)
        self.template = template
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return self.template.format(**self.params)
