"""The vital signs of the chart: which fact of the protocol each one is, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from interlude.domain.refusals import N_


@dataclass(frozen=True)
class VitalKind:
    """`fact`: the protocol's code of this signal (limits, gate, discharge); "" when it has none. `places`:
    decimals that are shown. `is_continuous`: a monitor sends it all the time; a cuff or a person does not."""

    kind: str
    label: str
    short: str
    unit: str
    fact: str
    places: int
    is_continuous: bool


VITAL_KINDS = {
    one.kind: one
    for one in (
        VitalKind("nibp_sys", N_("Systolic blood pressure"), N_("SYS"), "mmHg", "systolic_bp_mmhg", 0, False),
        VitalKind("nibp_dia", N_("Diastolic blood pressure"), N_("DIA"), "mmHg", "diastolic_bp_mmhg", 0, False),
        VitalKind("nibp_mean", N_("Mean blood pressure"), N_("MEAN"), "mmHg", "", 0, False),
        VitalKind("heart_rate", N_("Heart rate"), N_("HR"), "1/min", "heart_rate_per_min", 0, True),
        VitalKind("pulse_rate", N_("Pulse rate"), N_("PR"), "1/min", "heart_rate_per_min", 0, True),
        VitalKind("spo2", N_("Oxygen saturation"), N_("SpO2"), "%", "spo2_percent", 0, True),
        VitalKind("resp_rate", N_("Breaths per minute"), N_("RR"), "1/min", "respiratory_rate_per_min", 0, True),
        VitalKind("etco2", N_("End-tidal CO2"), N_("EtCO2"), "mmHg", "", 0, True),
        VitalKind("inspired_co2", N_("Inspired CO2"), N_("FiCO2"), "mmHg", "", 0, True),
        VitalKind("perfusion_index", N_("Perfusion index"), N_("PI"), "%", "", 1, True),
        VitalKind("temperature", N_("Temperature"), N_("Temp"), "°C", "", 1, True),
        VitalKind("abp_sys", N_("Arterial systolic pressure"), N_("ABP sys"), "mmHg", "systolic_bp_mmhg", 0, True),
        VitalKind("abp_dia", N_("Arterial diastolic pressure"), N_("ABP dia"), "mmHg", "diastolic_bp_mmhg", 0, True),
        VitalKind("abp_mean", N_("Arterial mean pressure"), N_("ABP mean"), "mmHg", "", 0, True),
    )
}

FACT_KINDS = {
    "systolic_bp_mmhg": ("nibp_sys", "abp_sys"),
    "diastolic_bp_mmhg": ("nibp_dia", "abp_dia"),
    "heart_rate_per_min": ("heart_rate", "pulse_rate"),
    "spo2_percent": ("spo2",),
    "respiratory_rate_per_min": ("resp_rate",),
}
"""Which charted values answer a fact of the gate or of the discharge; the newest of them counts."""

TYPED_KIND_OF_FACT = {fact: kinds[0] for fact, kinds in FACT_KINDS.items()}
"""Under which name a value that a person measured for the gate enters the chart."""
