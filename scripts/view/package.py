"""The generated package: its files, the template of each, and the view that it prints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scripts.view.api_reference import APIReference
from scripts.view.arguments import Arguments
from scripts.view.document import Document, mapping, text
from scripts.view.exports import exports
from scripts.view.flavours import FLAVOURS
from scripts.view.generator_output import Parsed
from scripts.view.methods import Methods
from scripts.view.models import ModelIndex, Models
from scripts.view.params import Params
from scripts.view.python_names import literal
from scripts.view.resources import Resources
from scripts.view.response_aliases import response_aliases
from scripts.view.sockets import Sockets

PACKAGE = "cartesia_rest"


@dataclass(frozen=True)
class OutputFile:
    """One file of the package."""

    path: PurePosixPath
    template: str
    source: str
    """The part of the document that it is generated from."""
    variables: dict[str, object]


class Package:
    """The views of all files."""

    def __init__(self, document: Document, parsed: Parsed, public: Path | None = None) -> None:
        """Make all views.

        Args:
            document: The document.
            parsed: The generator's reading of it.
            public: The ``__init__.py`` of the public package, None where there is none.
        """
        self.document = document
        self.public = public
        self.models = Models(document, parsed)
        self.params = Params(document)
        arguments = Arguments(document, self.params)
        self.resources = Resources(document, Methods(document, parsed, arguments))
        self.sockets = Sockets(document, arguments, self.params)
        methods = [method for resource in self.resources.all for method in resource.methods]
        self.aliases = list(response_aliases(document, methods))
        named = [(alias.name, f"models.{alias.module}") for alias in self.aliases]
        params = [(name, "params") for name in self.params.names]
        self.index = ModelIndex(sorted([*self.models.exports, *named, *params]))

    def files(self) -> list[OutputFile]:
        """List the files, each with its template and what the template is given."""
        main = self.document.place("").removesuffix("#")
        version = literal(text(mapping(self.document.root, "info"), "version"))
        found = [
            self._file("__init__.py", "package_init.py.jinja", main, version=version),
            self._file("models/__init__.py", "models_init.py.jinja", main, index=self.index),
            self._file("params.py", "params.py.jinja", main, params=self.params),
            self._file(
                "resources/__init__.py",
                "resources_init.py.jinja",
                main,
                resources=self.resources.all,
            ),
            self._file("client.py", "client.py.jinja", main, resource=self.resources.root),
        ]
        if self.public is not None:
            source = "/".join(self.public.parts[-3:])
            names = exports(self.public)
            found.append(self._file("exports.py", "exports.py.jinja", source, exports=names))
        for model in self.models.models:
            path = f"models/{model.module}.py"
            found.append(self._file(path, "model.py.jinja", model.source, model=model))
        for enum in self.models.enums:
            path = f"models/{enum.module}.py"
            found.append(self._file(path, "literal_enum.py.jinja", enum.source, enum=enum))
        for union in self.models.unions:
            path = f"models/{union.module}.py"
            found.append(self._file(path, "union.py.jinja", union.source, union=union))
        for alias in self.aliases:
            path = f"models/{alias.module}.py"
            found.append(self._file(path, "response_alias.py.jinja", alias.source, alias=alias))
        for resource in self.resources.all:
            path = f"resources/{resource.module}.py"
            source = ", ".join(resource.sources) or main
            found.append(self._file(path, "resource.py.jinja", source, resource=resource))
        if self.sockets.all:
            found.append(
                self._file(
                    "sockets/__init__.py", "sockets_init.py.jinja", main, sockets=self.sockets.all
                )
            )
        for socket in self.sockets.all:
            path = f"sockets/{socket.module}.py"
            found.append(self._file(path, "socket.py.jinja", socket.source, socket=socket))
        return found

    def reference(self) -> OutputFile:
        """Return ``api.md``, which is written beside the package."""
        files = {name: f"{module.replace('.', '/')}.py" for name, module in self.index.exports}
        main = self.document.place("").removesuffix("#")
        reference = APIReference(self.document, self.resources.root, files)
        return self._file("api.md", "api.md.jinja", main, reference=reference)

    @staticmethod
    def _file(path: str, template: str, source: str, **variables: object) -> OutputFile:
        return OutputFile(
            PurePosixPath(path), template, source, {**variables, "flavours": FLAVOURS}
        )
