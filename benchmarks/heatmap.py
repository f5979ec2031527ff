"""The page to compare with: the same three planes as plotly heat maps in a plain Dash app.

At /3 it shows entry 3, with one byte a pixel: the least that go.Heatmap can be sent, a fourth of the
charge as it is. The events are read before it serves, so that its times are those of plotly and Dash.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from plotly.subplots import make_subplots

from lartpc.classes import PLANES
from lartpc.event import WireImage
from lartpc.readers import open_events
from viewer.web_server import WebServer

MOST_ADC = 100


def make_app(path: Path, entries: int) -> Dash:
    """A Dash app on the first entries of a file."""
    with open_events(path) as events:
        images = [[event.images[plane] for plane in PLANES] for event in events[:entries]]
    app = Dash(__name__, assets_folder="no-assets")
    app.layout = html.Div(
        [dcc.Location(id="address"), dcc.Graph(id="planes", style={"height": "95vh"})],
    )

    @app.callback(Output("planes", "figure"), Input("address", "pathname"))
    def show(pathname: str) -> go.Figure:
        return _figure([_dense(image) for image in images[int(pathname.strip("/"))]])

    return app


def _dense(image: WireImage) -> np.ndarray:
    plane = np.zeros(image.shape, np.uint8)
    plane[image.rows, image.wires] = np.clip(image.adc, 0, 255)
    return plane


def _figure(planes: list[np.ndarray]) -> go.Figure:
    figure = make_subplots(rows=len(planes), cols=1, vertical_spacing=0.03)
    for row, plane in enumerate(planes, 1):
        figure.add_trace(
            go.Heatmap(z=plane, zmin=0, zmax=MOST_ADC, colorscale="Viridis", showscale=row == 1), row, 1
        )
    figure.update_layout(margin={"l": 50, "r": 10, "t": 10, "b": 30})
    return figure


def main() -> None:
    """``python -m benchmarks.heatmap FILE ENTRIES``: serve until SIGTERM, at an address that is printed."""
    web = WebServer(make_app(Path(sys.argv[1]), int(sys.argv[2])).server, "127.0.0.1", 0)
    print(web.url, flush=True)
    web.serve()


if __name__ == "__main__":
    main()
