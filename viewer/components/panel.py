"""The panel at the right: network, overlay, charge, pixel under the mouse, waveform."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from inference.client import DETECTOR, SEGMENTER, DetectorSettings, SegmenterSettings
from lartpc.classes import PIXEL_CLASSES, PLANES, PixelClass
from viewer import ids, palette
from viewer.components.candidates import candidates_section
from viewer.components.controls import aria, icon_button, labelled, number_input, section, slider_input
from viewer.components.instances import instances_section
from viewer.components.labelling import LABEL_OVERLAY, labelling_section
from viewer.components.masking import masking_section
from viewer.defaults import CHARGE_MOST, CHARGE_RANGE, CHARGE_THRESHOLD, GAIN_MOST, OPACITY

OVERLAYS = {
    "none": "charge",
    "truth": "truth",
    "class": "prediction",
    "disagreement": "disagreement",
    "uncertainty": "uncertainty",
    "instances": "interactions",
    "score": "score of",
}
"""Value of the overlay -> its word in the panel; assets/35_look.js knows the same values."""


def panel() -> Component:
    """The whole panel."""
    return html.Aside(
        [
            html.Div(
                [
                    labelling_section(),
                    _network(),
                    _overlay(),
                    instances_section(),
                    candidates_section(),
                    masking_section(),
                ],
                className="panel-part",
            ),
            html.Div([_charge(), _mouse(), _waveform()], className="panel-part"),
        ],
        className="panel",
        **aria(label="Network, overlay and charge"),
    )


def _network() -> Component:
    networks = dmc.SegmentedControl(
        id=ids.NETWORKS,
        data=[
            {"value": SEGMENTER, "label": "U-ResNet"},
            {"value": DETECTOR, "label": "sMask-RCNN"},
            {"value": "both", "label": "both"},
        ],
        value=SEGMENTER,
        size="xs",
        fullWidth=True,
        className="networks",
    )
    weights = [
        _weights(ids.WEIGHTS_SELECT, "U-ResNet", "of-segmenter"),
        _weights(ids.DETECTOR_WEIGHTS_SELECT, "sMask-RCNN", "of-detector"),
    ]
    buttons = html.Div(
        [
            dmc.Button("Run", id=ids.RUN, size="compact-xs", n_clicks=0, disabled=True, className="run"),
            dmc.Button(
                "Cancel",
                id=ids.CANCEL,
                size="compact-xs",
                n_clicks=0,
                disabled=True,
                variant="default",
            ),
            html.Span(className="grow"),
            dmc.Switch(id=ids.AUTO, label="auto", size="xs", checked=False),
        ],
        className="row",
    )
    return section(
        "Network",
        [
            networks,
            html.Div([*weights, _network_settings()], className="row weights-row"),
            buttons,
            html.Div(id=ids.JOBS, className="jobs", **aria(live="polite")),
            html.P("", id=ids.RUN_PROBLEM, className="problem", role="alert"),
        ],
    )


def _weights(id: str, network: str, class_name: str) -> Component:
    return dmc.Select(
        id=id,
        data=[],
        size="xs",
        allowDeselect=False,
        withCheckIcon=False,
        placeholder="no weights",
        inputProps=aria(label=f"Weights of {network}"),
        className=class_name,
    )


def _network_settings() -> Component:
    settings, detector = SegmenterSettings(), DetectorSettings()
    return dmc.Popover(
        [
            dmc.PopoverTarget(icon_button(ids.NETWORK_SETTINGS, "gear", "What the network reads")),
            dmc.PopoverDropdown(
                [
                    html.P("U-ResNet reads pixels with", className="note"),
                    html.Div(
                        [
                            number_input(ids.ADC_MIN, "Least ADC × gain", settings.adc_min, min=0, w=64),
                            html.Span("< ADC × gain <"),
                            number_input(ids.ADC_MAX, "Most ADC × gain", settings.adc_max, min=1, w=64),
                        ],
                        className="row",
                    ),
                    dmc.Switch(
                        id=ids.SATURATE,
                        label="clip larger charge instead of leaving it out",
                        size="xs",
                        checked=settings.saturate,
                    ),
                    html.Div(
                        [
                            html.Span("sMask-RCNN: ADC × gain ≥"),
                            number_input(
                                ids.DETECTOR_ADC_MIN,
                                "Least ADC × gain of sMask-RCNN",
                                detector.adc_min,
                                min=0,
                                w=64,
                            ),
                        ],
                        className="row",
                    ),
                ],
                className="popover",
            ),
        ],
        width=330,
        position="bottom-end",
        withArrow=True,
    )


def _overlay() -> Component:
    radios = dmc.RadioGroup(
        html.Div(
            [dmc.Radio(label=label, value=value, size="xs") for value, label in OVERLAYS.items()]
            + [
                html.Div([_score_class(), _measure()], className="overlay-detail"),
                dmc.Radio(label="instances", value="detections", size="xs"),
                LABEL_OVERLAY,
            ],
            className="overlay-grid",
        ),
        id=ids.OVERLAY,
        value="none",
        wrapperProps=aria(label="Overlay"),
    )
    return section(
        "Overlay",
        [
            radios,
            html.Div(
                [
                    labelled(
                        "opacity",
                        slider_input(
                            ids.OPACITY,
                            "Opacity of the overlay",
                            min=0,
                            max=100,
                            step=5,
                            value=round(OPACITY * 100),
                            disabled=True,
                        ),
                    ),
                    _score_thresholds(),
                ],
                className="row",
            ),
            html.Div(
                [html.P("", id=ids.OVERLAY_MISSING, className="note missing"), html.Div(id=ids.LEGEND)],
                className="legend",
            ),
        ],
    )


def _score_class() -> Component:
    return dmc.Select(
        id=ids.SCORE_CLASS,
        data=[{"value": str(int(c)), "label": c.label} for c in PIXEL_CLASSES],
        value=str(int(PixelClass.MICHEL)),
        size="xs",
        allowDeselect=False,
        withCheckIcon=False,
        className="score-class",
        inputProps=aria(label="Class whose score is shown"),
    )


def _measure() -> Component:
    return dmc.SegmentedControl(
        id=ids.MEASURE,
        data=[{"value": "entropy", "label": "entropy"}, {"value": "margin", "label": "1−max"}],
        value="entropy",
        size="xs",
        className="measure",
    )


def _score_thresholds() -> Component:
    rows: list[Component] = [
        html.P("A class is given only where its score reaches", className="note"),
    ]
    for pixel_class in PIXEL_CLASSES:
        box = number_input(
            ids.score_threshold(int(pixel_class)),
            f"Least score for {pixel_class.label}",
            0,
            min=0,
            max=1,
            step=0.05,
            decimalScale=3,
            w=72,
        )
        rows.append(labelled(pixel_class.label, box))
    return dmc.Popover(
        [
            dmc.PopoverTarget(icon_button(ids.SCORE_THRESHOLDS, "sliders", "Least score of each class")),
            dmc.PopoverDropdown(rows, className="popover"),
        ],
        width=210,
        position="bottom-end",
        withArrow=True,
    )


def _charge() -> Component:
    maps = dmc.SegmentedControl(
        id=ids.COLOUR_MAP,
        data=[{"value": m, "label": m} for m in palette.MAPS],
        value=palette.MAPS[0],
        size="xs",
        fullWidth=True,
    )
    charge_range = dmc.RangeSlider(
        id=ids.CHARGE_RANGE,
        min=0,
        max=CHARGE_MOST,
        step=5,
        value=list(CHARGE_RANGE),
        minRange=5,
        size="xs",
        updatemode="drag",
        thumbSize=12,
        thumbFromLabel="Lowest charge of the colours",
        thumbToLabel="Highest charge of the colours",
        styles={"root": {"flex": 1}},
    )
    threshold = slider_input(
        ids.THRESHOLD, "Charge below which nothing is drawn", min=0, max=100, step=1, value=CHARGE_THRESHOLD
    )
    units = dmc.SegmentedControl(
        id=ids.UNITS,
        data=[{"value": "wire", "label": "wire"}, {"value": "cm", "label": "cm"}],
        value="wire",
        size="xs",
    )
    return section(
        "Charge",
        [
            maps,
            labelled("range", charge_range),
            labelled("threshold", threshold),
            _gains(),
            labelled("axes", units),
            html.Div(
                [
                    dmc.Switch(id=ids.VERTEX, label="vertex", size="xs", checked=False),
                    dmc.Switch(id=ids.KEEP_ZOOM, label="keep zoom", size="xs", checked=False),
                ],
                className="row switches",
            ),
        ],
    )


def _gains() -> Component:
    boxes = [
        number_input(
            ids.gain(plane),
            f"Gain of plane {plane}",
            1,
            min=0.001,
            max=GAIN_MOST,
            decimalScale=3,
            prefix=f"{plane} ",
        )
        for plane in PLANES
    ]
    back = icon_button(ids.GAIN_RESET, "back", "Gain as estimated for this event")
    label = html.Span("gain", className="label", title="The networks see ADC × gain")
    return html.Div([label, *boxes, back], className="labelled gains")


def _mouse() -> Component:
    return section("Under the mouse", [html.Div(id=ids.INSPECTOR, className="inspector")])


def _waveform() -> Component:
    return section("Waveform", [html.Div(id=ids.WAVEFORM, className="waveform")], title_id=ids.WAVEFORM_TITLE)
