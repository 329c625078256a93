"""Everything that I can do."""

from __future__ import annotations

from tests.journeys.steps.assessment import Assessment
from tests.journeys.steps.cupboard import Cupboard
from tests.journeys.steps.entrance import Entrance
from tests.journeys.steps.followup import Followup
from tests.journeys.steps.gate import Gate
from tests.journeys.steps.looks import Looks
from tests.journeys.steps.people import People
from tests.journeys.steps.planning import Planning
from tests.journeys.steps.portal import Portal
from tests.journeys.steps.recovery import Recovery
from tests.journeys.steps.session import Session


class Me(Entrance, Cupboard, People, Assessment, Planning, Portal, Gate, Session, Recovery, Followup, Looks):
    """The first person of every journey."""
