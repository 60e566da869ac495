"""The base of the generated models: known fields are attributes, unknown ones are kept."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Callable, ClassVar, NamedTuple, TypeVar, cast

from cartesia._runtime.codec import encode_json
from cartesia._runtime.errors import error_details, error_summary, printable
from cartesia._runtime.types import JSONObject

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")
ModelT = TypeVar("ModelT", bound="Model")

_EMPTY: JSONObject = {}
_SCALARS = frozenset({str, int, float, bool})
_LONGEST_SHOWN = 100


class ModelField(NamedTuple):
    """One field of a model.

    Attributes:
        name: The attribute.
        key: Its key in the JSON object.
        aliases: Other keys that it is read from where the first is missing.
        required: Whether the key is required.
        constant: The one value that it can have, None for most fields.
    """

    name: str
    key: str
    aliases: tuple[str, ...]
    required: bool
    constant: object


def fields_of(model: type[Model]) -> tuple[ModelField, ...]:
    """List the fields of a model, derived from its attrs class at first use.

    An optional field is one whose default is None; any other default is a constant. The keys of a
    field are in the metadata of its attribute where they differ from its name.

    Args:
        model: The class.

    Returns:
        The fields; none for the plain `Model`.
    """
    if model not in _FIELDS:
        from attrs import NOTHING, fields, has

        found: list[ModelField] = []
        for attribute in fields(model) if has(model) else ():
            key, *aliases = attribute.metadata.get("keys", (attribute.name,))
            required = attribute.default is not None
            constant = None if attribute.default is NOTHING else attribute.default
            found.append(ModelField(attribute.name, key, tuple(aliases), required, constant))
        _FIELDS[model] = tuple(found)
    return _FIELDS[model]


_FIELDS: dict[type, tuple[ModelField, ...]] = {}


class _Incomplete(JSONObject):
    """A JSON object that lacks required fields, which read as None."""

    def __missing__(self, key: str) -> None:
        return None

    def __contains__(self, key: object) -> bool:
        return True


class Model:
    """An object of the API.

    Known fields are attributes. Fields that the server sent and this version does not know can be
    read as attributes too, and are kept by `to_dict`. A plain ``Model`` is an object of an unknown
    type. A required field that the server did not send raises an `AttributeError` when it is read.

    pydantic and FastAPI accept models as the types of fields, arguments and answers.

    Generated subclasses are decorated ``@define(repr=False, eq=False, getstate_setstate=False)``:
    representation, equality and pickling are inherited, and include the unknown fields.
    """

    __slots__ = ("_data",)

    _data: JSONObject
    """The JSON object it was read from, unset in a model that the caller made."""
    _arrays: ClassVar[Mapping[str, str]] = {}
    """Key -> name of its array, where a list of such objects may be sent as an object of arrays."""

    @classmethod
    def from_dict(cls, data: JSONObject) -> Self:
        """Make a model from a JSON object, keeping every field.

        Args:
            data: The JSON object; it is kept, not copied.

        Returns:
            The model.
        """
        try:
            model = cls._read(data)
        except KeyError:
            model = cls._read_incomplete(data)
        model._data = data  # noqa: SLF001  # of this class
        return model

    @classmethod
    def _read(cls, _data: JSONObject) -> Self:
        """Read the known fields, in one expression; generated for every model.

        Raises:
            KeyError: A required field is missing.
        """
        return cls()

    @classmethod
    def _read_incomplete(cls, data: JSONObject) -> Self:
        """Read the fields that are there, and leave the attributes of required ones unset."""
        model = cls._read(_Incomplete(data))
        for name, key, aliases, required, _ in fields_of(cls):
            sent = any(each in data for each in (key, *aliases))
            if required and not sent and getattr(model, name) is None:
                delattr(model, name)
        return model

    def to_dict(self) -> dict[str, object]:
        """Convert the model to a JSON object, with unknown fields, and None only for a ``null``.

        Returns:
            A new dict, which `encode_json` can write.
        """
        data: JSONObject = getattr(self, "_data", _EMPTY)
        made_by_caller = data is _EMPTY
        result: dict[str, object] = {}
        for name, own_key, aliases, required, constant in fields_of(type(self)):
            key = own_key
            if aliases:  # the one that it was read from
                key = next((k for k in (own_key, *aliases) if data.get(k) is not None), own_key)
            value: object = getattr(self, name, None)  # None if the server did not send it
            if type(value) in _SCALARS:
                if made_by_caller or key in data or value != constant:
                    result[key] = value
            elif value is not None:
                result[key] = _to_json(value, data.get(key))
            elif key in data or (required and made_by_caller):
                result[key] = None
            for other in aliases:
                if key in result and other in data and data[other] == data.get(key):
                    result[other] = result[key]  # the same value under both names
        # The known fields come first, and with the values that they have now.
        return {**result, **data, **result}

    def to_json(self, *, indent: int | None = None) -> str:
        """Convert the model to JSON text.

        Args:
            indent: Spaces to indent with; without it the text is one line.

        Returns:
            The text.
        """
        return _to_text(self.to_dict(), indent)

    @property
    def model_extra(self) -> dict[str, object]:
        """The fields that the server sent and this version does not know, by their JSON key."""
        known = {key for field in fields_of(type(self)) for key in (field.key, *field.aliases)}
        data: JSONObject = getattr(self, "_data", _EMPTY)
        return {key: value for key, value in data.items() if key not in known}

    @property
    def model_fields_set(self) -> set[str]:
        """The attributes that were sent, ``null`` included, or set since."""
        data: JSONObject = getattr(self, "_data", _EMPTY)
        keys = {field.name: field.key for field in fields_of(type(self))}
        return {name for name, value in self if value is not None or keys.get(name, name) in data}

    def model_dump(
        self,
        *,
        mode: str = "python",
        by_alias: bool | None = False,
        exclude_unset: bool = False,
        exclude_none: bool = False,
    ) -> dict[str, object]:
        """Convert the model to a dict, as pydantic does. See also `to_dict`.

        Args:
            mode: ``json`` for values that JSON can represent, ``python`` to keep date-times.
            by_alias: Whether the keys are those of the API, where an attribute has another name.
            exclude_unset: Whether to leave out attributes that were neither sent nor set.
            exclude_none: Whether to leave out attributes that are None.

        Returns:
            A new dict with all attributes and the unknown fields, also of the models inside.
        """

        def dump(model: Model) -> object:
            return model.model_dump(
                mode=mode, by_alias=by_alias, exclude_unset=exclude_unset, exclude_none=exclude_none
            )

        names = self.model_fields_set if exclude_unset else dict(self).keys()
        keys = {field.name: field.key for field in fields_of(type(self)) if by_alias}
        return {
            keys.get(name, name): _convert(value, dump, dates=mode == "json")
            for name, value in self
            if name in names and not (exclude_none and value is None)
        }

    def model_dump_json(self, *, indent: int | None = None, exclude_none: bool = False) -> str:
        """Convert the model to JSON text, as pydantic does. See also `to_json`.

        Args:
            indent: Spaces to indent with; without it the text is one line.
            exclude_none: Whether to leave out attributes that are None.

        Returns:
            The text.
        """
        return _to_text(self.model_dump(mode="json", exclude_none=exclude_none), indent)

    @classmethod
    def model_validate(cls, obj: object) -> Self:
        """Make a model from a JSON object, as pydantic does. See also `from_dict`.

        Args:
            obj: The JSON object, or a model of this class, which is returned as it is.

        Returns:
            The model.

        Raises:
            ValueError: It is neither, or lacks required fields.
        """
        if isinstance(obj, cls):
            return obj
        if not isinstance(obj, Mapping):
            raise ValueError(f"{cls.__name__} is made from a dict, not from {obj!r:.80}")  # noqa: TRY004  # as pydantic wants it
        model = cls.from_dict(dict(cast("Mapping[str, object]", obj)))
        missing = [field.key for field in fields_of(cls) if not hasattr(model, field.name)]
        if missing:
            raise ValueError(f"{cls.__name__} lacks the required {', '.join(missing)}")
        return model

    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """Copy the model, as pydantic does.

        Args:
            update: Attributes to set in the copy.
            deep: Whether to copy the models inside, too.

        Returns:
            The copy.
        """
        made = copy.deepcopy(self) if deep else copy.copy(self)
        for name, value in (update or {}).items():
            setattr(made, name, value)
        return made

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> dict[str, object]:
        """Tell pydantic how to validate and serialize it; a core schema is a plain dict."""
        serializer = {"type": "function-plain", "function": _serialize, "info_arg": True}
        validator = {"type": "no-info", "function": cls.model_validate}
        return {"type": "function-plain", "function": validator, "serialization": serializer}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> JSONObject:
        """Describe it in the OpenAPI document of a FastAPI application."""
        return {"type": "object", "title": cls.__name__, "additionalProperties": True}

    if not TYPE_CHECKING:
        # Hidden from type checkers, so that they still report a misspelt attribute.
        def __getattr__(self, name: str) -> Any:
            # Called only for a missing attribute; a private name is an unset slot.
            kind = type(self)
            if not name.startswith("_") and name in getattr(self, "_data", _EMPTY):
                return self._data[name]
            if isinstance(declared := getattr(kind, name, None), property):
                return declared.__get__(self)  # raises the error of the field that it needs
            if any(field.name == name for field in fields_of(kind)):
                raise AttributeError(
                    f"the server did not send `{name}`, which every {kind.__name__} should have"
                )
            raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(self) is not type(other):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # mutable, so not hashable

    def __iter__(self) -> Iterator[tuple[str, object]]:
        # What `dict(model)` needs, as FastAPI does it for answers without a type.
        for field in fields_of(type(self)):
            if hasattr(self, field.name):
                yield field.name, getattr(self, field.name)
        yield from self.model_extra.items()

    def __repr__(self) -> str:
        shown = [(name, value) for name, value in self if value is not None]
        fields = ", ".join(f"{name}={_shorten(value)}" for name, value in shown)
        return f"{type(self).__name__}({fields})"


BaseModel = Model
"""The name that other clients give it."""


class ErrorEvent(Model):
    """The base of the events that report an error, in any of the API's formats."""

    __slots__ = ()

    @property
    def error(self) -> str:
        """What failed: ``title: message``, or one of them, or the older field ``error``."""
        data = self.to_dict()
        other = data.get("error") or "the server reported an error without a text"
        return error_summary(error_details(data)) or printable(str(other))


def read_unknown(data: JSONObject) -> Any:
    """Read an object of a union whose type this version does not know.

    The result is typed ``Any``, so that type checkers still narrow the union by the tags of its
    known types.

    Args:
        data: The JSON object.

    Returns:
        A plain `Model`, whose fields are attributes.
    """
    return Model.from_dict(data)


def read_model(value: Any, parse: Callable[[JSONObject], T]) -> T:
    """Read a field that is a model; any other JSON value is returned unchanged.

    Args:
        value: The JSON value.
        parse: The reader of the model, usually its ``from_dict``.

    Returns:
        The model, or the value itself.
    """
    data: JSONObject = value
    unread: T = value
    return parse(data) if isinstance(value, dict) else unread


def read_list(value: Any, parse: Callable[[JSONObject], T]) -> list[T]:
    """Read a field that is a list of models; any other JSON value is returned unchanged.

    Args:
        value: The JSON value.
        parse: The reader of one item.

    Returns:
        A list of models, or the value itself.
    """
    items: list[Any] = value
    return [read_model(item, parse) for item in items] if isinstance(value, list) else items


def read_arrays(value: Any, item: type[ModelT]) -> list[ModelT]:
    """Read a list of models, which may have been sent as an object of arrays.

    Args:
        value: The JSON value: a list of objects, or an object of arrays of the same length, of
            which those of optional fields may be missing.
        item: The class of one item; its ``_arrays`` say which field is in which array.

    Returns:
        A list of models, or the value itself where it is neither.
    """
    if not isinstance(value, dict):
        return read_list(value, item.from_dict)
    arrays = cast("JSONObject", value)
    unread: list[ModelT] = value  # type: ignore[assignment]  # returned unchanged
    names: Mapping[str, str] = item._arrays  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # of this module
    columns = {key: arrays[array] for key, array in names.items() if arrays.get(array) is not None}
    if not columns or not all(isinstance(column, list) for column in columns.values()):
        return unread
    return [item.from_dict(dict(zip(columns, row))) for row in zip(*columns.values())]


def read_first(data: JSONObject, *names: str) -> Any:
    """Look a field up under the first of its names that has a value.

    Args:
        data: The JSON object.
        names: The field's own name, then the others.

    Returns:
        The JSON value, None where all are missing.
    """
    return next((value for name in names if (value := data.get(name)) is not None), None)


def read_required(data: JSONObject, *names: str) -> Any:
    """Look a required field up under the first of its names that has a value.

    Args:
        data: The JSON object.
        names: The field's own name, then the others.

    Returns:
        The JSON value.

    Raises:
        KeyError: All are missing.
    """
    if not any(name in data for name in names):
        raise KeyError(names[0])
    return read_first(data, *names)


def read_datetime(value: Any) -> datetime:
    """Read a date-time of RFC 3339; any other value is returned unchanged.

    Args:
        value: The JSON value.

    Returns:
        A `datetime`, or the value itself.
    """
    unread: datetime = value
    if not isinstance(value, str):
        return unread
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        # Before Python 3.11 the standard library knows neither "Z" nor most fractions.
        from dateutil.parser import isoparse

        try:
            return isoparse(value)
        except ValueError:
            return unread


def read_date(value: Any) -> date:
    """Read a full-date of RFC 3339; any other value is returned unchanged.

    Args:
        value: The JSON value.

    Returns:
        A `date`, or the value itself.
    """
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return cast("date", value)


def read_each(value: Any, read: Callable[[Any], T]) -> Any:
    """Read the items of a list, or the values of a map; any other value is returned unchanged.

    Args:
        value: The JSON value.
        read: The reader of one item, such as `read_date`.

    Returns:
        A list, a dict, or the value itself.
    """
    items: list[Any] = value
    if isinstance(value, dict):
        return {key: read(item) for key, item in cast("JSONObject", value).items()}
    return [read(item) for item in items] if isinstance(value, list) else value


def identity(value: object) -> str | None:
    """Return the id that a UUID or a model, such as a voice, stands for.

    Args:
        value: The UUID or model.

    Returns:
        The id; None if it is neither, or a model without an id.
    """
    if isinstance(value, Model):
        found: object = getattr(value, "id", None)
        return found if isinstance(found, str) else None
    from uuid import UUID

    return str(value) if isinstance(value, UUID) else None


def write_out(value: object, fixed: Mapping[str, object], key: str) -> object:
    """Write out the object that an id stands for: a str, a UUID, or a model that has one.

    Args:
        value: The id, or anything else.
        fixed: The other fields of the object.
        key: The field that holds the id.

    Returns:
        The object; anything else unchanged.
    """
    found = value if isinstance(value, str) else None
    if found is None and not all(hasattr(value, name) for name in fixed):
        found = identity(value)
    return value if found is None else {**fixed, key: found}


def id_of(value: object, *models: str) -> object:
    """Return the id that a UUID or a model stands for.

    Args:
        value: The id, the UUID or model, or anything else.
        models: The names of the models that stand for their ids.

    Returns:
        The id; anything else unchanged.
    """
    if isinstance(value, str) or (isinstance(value, Model) and type(value).__name__ not in models):
        return value
    found = identity(value)
    return value if found is None else found


def _serialize(model: Model, info: Any) -> dict[str, object]:
    """Serialize a model inside of one of pydantic's, with the options of that."""
    names = ("mode", "by_alias", "exclude_unset", "exclude_none")
    return model.model_dump(**{name: getattr(info, name) for name in names})


def _to_text(data: object, indent: int | None) -> str:
    text = encode_json(data).decode()
    if indent is not None:
        text = json.dumps(json.loads(text), indent=indent, ensure_ascii=False)
    return text


def _to_json(value: object, original: object) -> object:
    """Convert a field to its JSON value; to the server's own if it has not changed."""
    read: object = None
    items, arrays = value, original
    if isinstance(value, date):  # a datetime is one too
        read = read_datetime(original) if isinstance(value, datetime) else read_date(original)
    elif isinstance(items, list) and isinstance(arrays, dict):
        first = next(iter(cast("list[object]", items)), None)
        kind = type(first) if isinstance(first, Model) else Model
        read = read_arrays(original, kind) if any(cast("JSONObject", arrays).values()) else []
    return original if read == value else _convert(value, Model.to_dict)


def _convert(value: object, dump: Callable[[Model], object], *, dates: bool = True) -> object:
    """Convert models, and maybe dates, to JSON values, also inside lists and dicts."""
    if isinstance(value, Model):
        return dump(value)
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_convert(item, dump, dates=dates) for item in items]
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {key: _convert(item, dump, dates=dates) for key, item in fields.items()}
    return value.isoformat() if dates and isinstance(value, date) else value


def _shorten(value: object) -> str:
    """Represent a value, with audio and other long strings cut."""
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return f"{value[:60]!r}... ({len(value)} characters)"
    return repr(value)
