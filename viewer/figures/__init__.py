"""Figures of the Models page: pure functions from numbers and a theme to plotly figures, without Dash."""
