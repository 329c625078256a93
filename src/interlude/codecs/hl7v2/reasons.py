"""Why something was held in quarantine or passed over: code -> English text for the catalogue."""

from __future__ import annotations

from interlude.domain.refusals import N_

HELD = {
    # the message
    "unreadable": N_("No readable HL7 header."),
    "oversize": N_("The message was larger than the listener takes; only its beginning was kept."),
    "unfinished": N_("The sender stopped in the middle of the message."),
    "junk": N_("Bytes that are not an HL7 message."),
    "type-not-supported": N_("A kind of message that this listener does not take."),
    "version-not-supported": N_("An HL7 version that this listener does not take."),
    "processing-id-not-supported": N_("An unknown processing id (MSH-11)."),
    "continuation-not-supported": N_("One part of a message that was split into several."),
    "control-id-missing": N_("The message has no control id (MSH-10)."),
    "alarm-not-charted": N_("An alarm of a device. The bedside monitor remains the alarm source."),
    "pump-event-not-charted": N_("An event of an infusion pump. Pump data do not enter the chart yet."),
    "pump-data-not-charted": N_("Data of an infusion pump. Pump data do not enter the chart yet."),
    # one row
    "test-message": N_("The message says that it is training or debugging data (MSH-11)."),
    "processing-id-missing": N_("The message does not say that it is real (MSH-11 is empty)."),
    "test-data": N_("The device marked the value as test or demonstration data."),
    "flagged-invalid": N_("The device marked the value as invalid."),
    "flagged-x": N_("The device says that this result cannot be obtained (OBX-11 X), although it carries a value."),
    "status-missing": N_("The result status (OBX-11) is empty."),
    "status-not-final": N_("The result status (OBX-11) is neither raw nor final."),
    "unknown-code": N_("A measurement whose code is not known here."),
    "weight-from-device": N_("Weight and height are entered by a person, not taken from a device."),
    "name-disagrees": N_("Code and name of the measurement contradict each other."),
    "unit-disagrees": N_("The unit does not belong to this measurement."),
    "value-type": N_("The value was not sent as a number."),
    "value-not-a-number": N_("The value is not a number."),
    "sentinel": N_("The value is a placeholder for 'no measurement'."),
    "zero-sensor-off": N_("Zero from this sensor means that it is off or finds no signal."),
    "implausible": N_("No working sensor reports such a value."),
    "pressure-order": N_("The blood pressures contradict one another."),
    "time-unreadable": N_("The time of the measurement cannot be read."),
    "time-missing": N_("A value that is measured now and then came without the time of its measurement."),
    "time-unverified": N_("The device's clock is wrong and the message does not say when it was sent."),
    "time-too-coarse": N_("The time of the measurement has no minutes."),
    "time-after-message": N_("The measurement is dated later than the message that carries it."),
}

PASSED = {
    "acknowledgement": N_("An acknowledgement."),
    "heartbeat": N_("A sign of life without data."),
    "watchdog": N_("A watchdog message of an alarm system."),
    "waveform-message": N_("Curves are not stored in the chart."),
    "device-row": N_("Describes the device, not the patient."),
    "waveform": N_("A curve."),
    "not-charted": N_("Known, and not part of this chart (intervals, ST levels, rhythm words, attributes)."),
    "no-value": N_("No value at this time."),
    "setting": N_("A setting of the device, not a measurement."),
    "text": N_("Text of a device."),
}
