"""Publishes notebooks with the energy of their cells: a site, single pages, LaTeX, a badge.

The way of a notebook: `reading` takes the file, `cleaning` leaves only what may be shown, `page`
adds energy and methods, then `site` (Sphinx), `exporter` (nbconvert) or `badge` write it.
"""
