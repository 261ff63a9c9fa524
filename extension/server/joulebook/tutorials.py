"""The template of a tutorial for JupyterLab's launcher, which writes it where the user is."""

from __future__ import annotations

import json
from typing import Literal

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler

from .publish.new import template


class TutorialHandler(APIHandler):
    """Gives the notebook of a new tutorial to a signed-in, permitted user."""

    auth_resource = "joulebook"

    @tornado.web.authenticated
    @authorized
    def get(self, language: Literal["python", "typescript"]) -> None:
        """Answers with the notebook, in version 4 of the format."""
        self.finish(json.dumps(template("New tutorial", language)))
