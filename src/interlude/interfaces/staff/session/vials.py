"""The medicine and its vials in words: name and form whole, strength with "per", never a slash."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from interlude.interfaces.design import formats
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import Session
from interlude.record.dosing.protocol import ordered_form, pinned
from interlude.record.stock.models import Lot
from interlude.record.stock.queries import LotBalance, usable_lots


def vials_for(session: Session, now: datetime) -> list[LotBalance]:
    """Vials of the ordered form that are in date and hold the dose, the one that expires first on top."""
    return usable_lots(local_day(now), form=ordered_form(pinned(session)), least_ug=session.dose_ug or 1)


def vial_words(lot: Lot) -> str:
    return _("{medicine}, {strength} mg per mL, lot {lot}").format(
        medicine=lot.product.get_form_display(),
        strength=formats.clinic_number(lot.product.concentration_mg_per_ml.normalize()),
        lot=lot.lot_number,
    )


def vial_hint(row: LotBalance) -> str:
    return _("use until {date}, {mg} mg in the book").format(
        date=formats.clinic_date(row.lot.expires_on), mg=formats.clinic_number(row.balance_mg.normalize())
    )
