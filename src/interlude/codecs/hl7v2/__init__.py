"""HL7 version 2: a tolerant reader, IHE PCD-01 observations, acknowledgements. Pure: bytes and times in,
values out."""

from interlude.codecs.hl7v2.acknowledge import NOT_STORED, Refusal, acknowledge, codes_due
from interlude.codecs.hl7v2.header import Header
from interlude.codecs.hl7v2.interpret import Interpretation, read_message
from interlude.codecs.hl7v2.message import Message, Segment, parse, split_messages
from interlude.codecs.hl7v2.results import Held, Passed, Reading
from interlude.codecs.hl7v2.separators import Separators
from interlude.codecs.hl7v2.times import SentTime, format_dtm, parse_dtm

__all__ = [
    "NOT_STORED",
    "Header",
    "Held",
    "Interpretation",
    "Message",
    "Passed",
    "Reading",
    "Refusal",
    "Segment",
    "SentTime",
    "Separators",
    "acknowledge",
    "codes_due",
    "format_dtm",
    "parse",
    "parse_dtm",
    "read_message",
    "split_messages",
]
