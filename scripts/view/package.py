"""The generated package: its files, the template of each, and the view that it prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scripts.view.api_reference import APIReference
from scripts.view.arguments import Arguments
from scripts.view.document import Document, mapping, text
from scripts.view.exports import exports
from scripts.view.flavours import FLAVOURS
from scripts.view.generator_output import Parsed
from scripts.view.methods import Methods
from scripts.view.models import EnumView, ModelIndex, Models, ModelView, UnionView
from scripts.view.params import Param, Params, ParamUnion
from scripts.view.python_names import literal
from scripts.view.resources import Resources
from scripts.view.response_aliases import ResponseAlias, response_aliases
from scripts.view.sharing import Part, differing
from scripts.view.sockets import Sockets

PACKAGE = "cartesia_rest"
PUBLIC_PACKAGE = "cartesia"
"""The public package."""


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

    def __init__(
        self,
        document: Document,
        parsed: Parsed,
        public: str | None = None,
        bases: Sequence[Package] = (),
        module: str = "",
    ) -> None:
        """Make all views.

        Args:
            document: The document.
            parsed: The generator's reading of it.
            public: The text of the ``__init__.py`` of its public package, None where there is none.
            bases: The packages of the default date and of earlier ones, from which this one takes
                all that is the same: each part from the first of them that has it.
            module: The name of this package in that of the default date.
        """
        self.document = document
        self.public = public
        self.module = module
        self.name = f"{PACKAGE}.{module}" if module else PACKAGE
        self.models = Models(document, parsed)
        self.params = Params(document)
        arguments = Arguments(document, self.params)
        self.resources = Resources(document, Methods(document, parsed, arguments))
        self.sockets = Sockets(document, arguments, self.params)
        methods = [method for resource in self.resources.all for method in resource.methods]
        self.aliases = list(response_aliases(document, methods))
        self.parts = {part.names[0]: part for part in self._parts()}
        self._homes = {
            part: base.home(part)
            for base in reversed(bases)
            for part in self.parts.keys() - differing(base.parts, self.parts)
        }
        self.own = self.parts.keys() - self._homes.keys()
        named = [(alias.name, alias.module, alias.name) for alias in self.aliases]
        modules = [
            (name, f"{self.home(f'models.{owner}')}.models.{module}")
            for name, module, owner in [*self.models.exports, *named]
        ]
        params = [(name, f"{self.home(f'models.{name}')}.params") for name in self.params.names]
        self.index = ModelIndex(sorted([*modules, *params]))

    @property
    def face(self) -> str:
        """The name of its public package."""
        return f"{PUBLIC_PACKAGE}.{self.module}" if self.module else PUBLIC_PACKAGE

    def home(self, part: str) -> str:
        """Return the package that a part is printed in."""
        return self._homes.get(part, self.name)

    def _parts(self) -> Iterator[Part]:
        views: list[ModelView | EnumView | ResponseAlias] = [*self.models.models]
        for view in [*views, *self.models.enums, *self.aliases]:
            yield Part((f"models.{view.name}",), view)
        for union in self.models.unions:
            yield Part((f"models.{union.name}", f"models.{union.parser}"), union)
        params: list[Param | ParamUnion] = [*self.params.objects, *self.params.unions]
        for param in params:
            yield Part((f"models.{param.name}",), param)
        for resource in [*self.resources.all, self.resources.root]:
            yield Part((f"resources.{resource.module}",), resource)
        for socket in self.sockets.all:
            yield Part((f"sockets.{socket.module}",), socket)

    def files(self) -> list[OutputFile]:
        """List the files, each with its template and what the template is given."""
        main = self.main
        version = literal(text(mapping(self.document.root, "info"), "version"))
        found = [
            self._file("__init__.py", "package_init.py.jinja", main, version=version),
            self._file("models/__init__.py", "models_init.py.jinja", main, index=self.index),
            self._file(
                "params.py",
                "params.py.jinja",
                main,
                params=self.params,
                own=self.own,
                home=self.home,
            ),
            self._file(
                "resources/__init__.py",
                "resources_init.py.jinja",
                main,
                resources=self.resources.all,
                home=self.home,
            ),
            self._file("client.py", "client.py.jinja", main, resource=self.resources.root),
        ]
        if self.public is not None:
            source = f"overrides/{self.face.replace('.', '/')}/__init__.py"
            names = exports(self.public, self.face)
            found.append(self._file("exports.py", "exports.py.jinja", source, exports=names))
        if self.sockets.all:
            found.append(
                self._file(
                    "sockets/__init__.py",
                    "sockets_init.py.jinja",
                    main,
                    sockets=self.sockets.all,
                    home=self.home,
                )
            )
        return [*found, *self._modules()]

    @property
    def main(self) -> str:
        """The source of what is made from the document as a whole."""
        return self.document.source("").replace("#", "")

    def _modules(self) -> Iterator[OutputFile]:
        """Yield the modules of this package's own models, resources and sockets."""
        models: list[
            tuple[str, str, Sequence[ModelView | EnumView | UnionView | ResponseAlias]]
        ] = [
            ("model", "model.py.jinja", self.models.models),
            ("enum", "literal_enum.py.jinja", self.models.enums),
            ("union", "union.py.jinja", self.models.unions),
            ("alias", "response_alias.py.jinja", self.aliases),
        ]
        for variable, template, views in models:
            for view in views:
                if f"models.{view.name}" in self.own:
                    path = f"models/{view.module}.py"
                    yield self._file(path, template, view.source, **{variable: view})
        for resource in self.resources.all:
            if f"resources.{resource.module}" in self.own:
                path = f"resources/{resource.module}.py"
                source = ", ".join(resource.sources) or self.main
                yield self._file(path, "resource.py.jinja", source, resource=resource)
        for socket in self.sockets.all:
            if f"sockets.{socket.module}" in self.own:
                path = f"sockets/{socket.module}.py"
                yield self._file(path, "socket.py.jinja", socket.source, socket=socket)

    def reference(self) -> OutputFile:
        """Return ``api.md``, which is written beside the package."""
        files = {name: f"{module.replace('.', '/')}.py" for name, module in self.index.exports}
        reference = APIReference(self.document, self.resources.root, files)
        root = "../../" if self.module else "../"  # that of a date is in docs/api/
        variables = {"reference": reference, "face": self.face, "root": root}
        return self._file("api.md", "api.md.jinja", self.main, **variables)

    def _file(self, path: str, template: str, source: str, **variables: object) -> OutputFile:
        return OutputFile(
            PurePosixPath(path),
            template,
            source,
            {**variables, "flavours": FLAVOURS, "package": self.name},
        )
