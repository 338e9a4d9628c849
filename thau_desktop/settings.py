"""What a person can choose: groups of typed, documented values, kept in `settings.toml`.

The models below are the single list of settings: names, defaults, bounds and the English description that
the settings page shows through `_`. `SettingsFile` reads and writes them and never loses what a person wrote.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from thau_desktop.errors import SettingsError
from thau_desktop.paths import atomic_write
from thau_desktop.translation import N_, _

VERSION = 1


class Group(BaseModel):
    """One page of settings. Immutable: a change makes a new one."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class General(Group):
    language: Literal["system", "es", "en"] = Field(
        default="system", description=N_("Language of the window and the messages")
    )
    autostart: bool = Field(default=False, description=N_("Start THAU when you log in"))
    keep_in_tray: bool | None = Field(
        default=None, description=N_("Keep running in the tray when the window is closed; asked once if not chosen")
    )
    updates: str = Field(
        default="",
        max_length=500,
        pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
        examples=["https://api.github.com/repos/<owner>/<name>/releases/latest"],
        description=N_("Asked once a day whether there is a newer THAU; empty asks nobody"),
    )
    first_run_done: bool = Field(default=False, description=N_("The welcome screen was seen"))


class Appearance(Group):
    theme: Literal["system", "light", "dark"] = Field(default="system", description=N_("Colours of the window"))
    text_scale: float = Field(default=1.0, ge=0.8, le=1.6, description=N_("Size of the text; 1 is the system's"))
    reduced_motion: bool = Field(default=False, description=N_("Show no animations"))


class Chat(Group):
    persona: str = Field(default="thau", min_length=1, max_length=100, description=N_("Persona of a new conversation"))
    tools: Literal["auto", "ask", "off"] = Field(
        default="auto",
        description=N_("Whether the model may use tools: when it wants, after asking each time, or never"),
    )
    context_strategy: Literal["drop_oldest", "summarise_oldest", "refuse"] = Field(
        default="drop_oldest",
        description=N_("What happens when a conversation no longer fits: leave out the oldest, summarise it, or stop"),
    )
    send_with_enter: bool = Field(
        default=True, description=N_("Enter sends the message and Shift+Enter starts a new line")
    )
    show_speed: bool = Field(default=True, description=N_("Show tokens per second under each answer"))
    temperature: float = Field(
        default=0.7, ge=0.0, le=2.0, description=N_("How freely words are chosen; 0 always takes the likeliest")
    )
    top_p: float = Field(
        default=0.9, gt=0.0, le=1.0, description=N_("Choose only among the likeliest words up to this share")
    )
    top_k: int = Field(default=40, ge=0, le=1000, description=N_("Choose only among this many words; 0 is no limit"))
    max_new_tokens: int = Field(default=1024, ge=16, le=131072, description=N_("Longest answer, in tokens"))


Bits = Literal["auto", "full", "int8", "nf4", "spread"]
_DEVICE = r"^(auto|cpu|mps|(cuda|xpu)(:\d+)?)$"
_SHORTEST_CONTEXT, _LONGEST_CONTEXT = 256, 1 << 20  # tokens


class Own(Group):
    """How one model runs where it differs from all others; None is as the settings for all say."""

    precision: Bits | None = None
    device: str | None = Field(default=None, pattern=_DEVICE)
    context: int | None = Field(default=None, ge=_SHORTEST_CONTEXT, le=_LONGEST_CONTEXT)
    window: int | None = Field(default=None, ge=0, le=_LONGEST_CONTEXT)


class Model(Group):
    name: str = Field(default="thau-nano-v1", min_length=1, max_length=200, description=N_("Model that answers"))
    threads: int = Field(default=0, ge=0, le=256, description=N_("Processor threads for the model; 0 lets THAU choose"))
    device: str = Field(
        default="auto",
        pattern=_DEVICE,
        examples=["auto", "cpu", "cuda", "cuda:1", "mps"],
        description=N_("Where the model runs"),
    )
    precision: Bits = Field(
        default="auto", description=N_("Bits in which the model's weights are held; fewer take less memory")
    )
    context: int = Field(
        default=2048,
        ge=_SHORTEST_CONTEXT,
        le=_LONGEST_CONTEXT,
        description=N_(
            "Tokens that a conversation may hold, as far as the model was made for them; more take more memory"
        ),
    )
    window: int = Field(
        default=0,
        ge=0,
        le=_LONGEST_CONTEXT,
        description=N_("Tokens that the model looks back at; fewer take less memory, 0 is the whole conversation"),
    )
    own: dict[str, Own] = Field(
        default={},
        examples=['{ "Qwen2.5-7B-Instruct" = { precision = "nf4" } }'],
        description=N_("What single models do otherwise, by their names; chosen on the models page"),
    )
    hub: str = Field(
        default="",
        max_length=200,
        pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
        examples=["https://hf-mirror.com"],
        description=N_("Address of a mirror that models are downloaded from; empty is huggingface.co"),
    )
    offline: bool = Field(default=False, description=N_("Never ask Hugging Face for anything"))
    idle_unload_minutes: int = Field(
        default=30, ge=0, le=1440, description=N_("Free the model's memory after this many idle minutes; 0 never does")
    )
    servers: str = Field(
        default="",
        max_length=2000,
        pattern=r"^$|^[\w.-]+=https?://\S+( +[\w.-]+=https?://\S+)*$",
        examples=["lab=http://10.0.0.2:8000/v1 lmstudio=http://127.0.0.1:1234/v1"],
        description=N_(
            "Other servers whose models may answer, as name=address with blanks between them (vLLM, LM Studio,"
            " llama-server). What you say to their models leaves this computer unless the address is its own"
        ),
    )

    def of(self, name: str) -> Model:
        """These settings with what was chosen for one model alone; `name` is that of a version's base."""
        own = self.own.get(name)
        return self.model_copy(update=own.model_dump(exclude_none=True)) if own else self


class Images(Group):
    model: str = Field(default="thau-image-v1", min_length=1, max_length=200, description=N_("Model that draws"))
    preset: Literal["fast", "standard", "quality"] = Field(
        default="standard",
        description=N_("Speed and quality of pictures; a number changed below counts instead of the preset's"),
    )
    width: int = Field(default=512, ge=256, le=1024, multiple_of=8, description=N_("Width of a picture, in pixels"))
    height: int = Field(default=512, ge=256, le=1024, multiple_of=8, description=N_("Height of a picture, in pixels"))
    steps: int = Field(default=30, ge=10, le=100, description=N_("Steps to draw a picture; more take longer"))
    guidance: float = Field(
        default=7.5, ge=1.0, le=20.0, description=N_("How closely a picture follows its description")
    )
    safety: bool = Field(
        default=True, description=N_("Let the model's safety checker look at each picture, where the model has one")
    )


class Training(Group):
    auto: bool = Field(default=True, description=N_("Learn from your approved examples every night"))
    auto_train_interval_hours: int = Field(default=24, ge=1, le=720, description=N_("Hours between two trainings"))
    hour: str = Field(
        default="03:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        examples=["03:00", "22:30"],
        description=N_("Time of day at which training starts"),
    )
    on_battery: bool = Field(default=False, description=N_("Learn while the computer runs on battery, too"))
    while_in_use: bool = Field(
        default=False,
        description=N_("Learn while somebody uses the computer, too; otherwise it waits up to four hours"),
    )
    without_window: bool = Field(default=False, description=N_("Learn at night also when THAU is closed"))
    min_new_examples: int = Field(default=10, ge=1, le=100000, description=N_("New examples needed before a training"))
    batch_size: int = Field(default=2, ge=1, le=256, description=N_("Examples per training step"))
    epochs_per_training: int = Field(
        default=3, ge=1, le=100, description=N_("Times that each example is seen in a training")
    )
    learning_rate: float = Field(
        default=2e-4, gt=0.0, le=0.1, description=N_("How far each training step moves the model")
    )
    lora_r: int = Field(default=32, ge=1, le=512, description=N_("Rank of the adapter: how much it can hold"))
    lora_alpha: int = Field(default=64, ge=1, le=1024, description=N_("Strength of the adapter"))
    max_context_length: int = Field(default=2048, ge=64, le=131072, description=N_("Longest example, in tokens"))
    keep_versions: int = Field(default=20, ge=2, le=1000, description=N_("Newest versions that are kept"))


class Export(Group):
    quantization: Literal["f16", "q8_0", "q4_k_m"] = Field(
        default="f16", description=N_("Bits of the numbers in exported models; fewer make smaller files")
    )
    push_to_ollama: bool = Field(
        default=False, description=N_("Put each newly learned version into Ollama, as thau:latest, when Ollama runs")
    )


class Api(Group):
    enabled: bool = Field(default=False, description=N_("Let other programs on this computer use THAU through HTTP"))
    host: str = Field(
        default="127.0.0.1",
        pattern=r"^(127\.0\.0\.1|::1|localhost)$",
        examples=["127.0.0.1"],
        description=N_("Address of this computer that the API listens on; never one that others can reach"),
    )
    port: int = Field(default=8000, ge=1, le=65535, description=N_("Port that the API listens on"))
    allowed_hosts: str = Field(
        default="",
        max_length=2000,
        pattern=r"^[A-Za-z0-9.:\-, ]*$",
        examples=["thau.local, mypc"],
        description=N_("Other names that this computer may be called by, separated by commas"),
    )
    allowed_origins: str = Field(
        default="",
        max_length=2000,
        pattern=r"^(https?://[A-Za-z0-9.:\-]+/?[, ]*)*$",
        examples=["http://127.0.0.1:3000"],
        description=N_("Web pages that may use the API, separated by commas; none unless listed"),
    )


class Privacy(Group):
    capture_conversations: bool = Field(
        default=False, description=N_("Propose good answers from your conversations as training examples")
    )


class Settings(BaseModel):
    """All groups. Immutable; `SettingsFile.change` returns a new one."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    general: General = Field(default=General(), description=N_("General"))
    appearance: Appearance = Field(default=Appearance(), description=N_("Appearance"))
    chat: Chat = Field(default=Chat(), description=N_("Chat"))
    model: Model = Field(default=Model(), description=N_("Model"))
    images: Images = Field(default=Images(), description=N_("Images"))
    training: Training = Field(default=Training(), description=N_("Training"))
    export: Export = Field(default=Export(), description=N_("Export"))
    api: Api = Field(default=Api(), description=N_("API"))
    privacy: Privacy = Field(default=Privacy(), description=N_("Privacy"))


def groups() -> dict[str, type[Group]]:
    """Every group's class by its name, in the order of the settings page."""
    found: dict[str, type[Group]] = {}
    for name, info in Settings.model_fields.items():
        assert isinstance(info.annotation, type) and issubclass(info.annotation, Group)
        found[name] = info.annotation
    return found


def field_of(group: str, key: str) -> FieldInfo:
    """The declaration of one setting. Raises `SettingsError` for a name that does not exist."""
    kind = groups().get(group)
    if kind is None or key not in kind.model_fields:
        raise SettingsError(_("There is no setting named {name}.").format(name=f"{group}.{key}"))
    return kind.model_fields[key]


def bounds(info: FieldInfo) -> dict[str, float]:
    """The limits of a number, by pydantic's names: `ge`, `gt`, `le`, `lt`, `multiple_of`."""
    names = ("ge", "gt", "le", "lt", "multiple_of")
    return {name: getattr(limit, name) for limit in info.metadata for name in names if hasattr(limit, name)}


def choices(info: FieldInfo) -> tuple[str, ...]:
    """The values of a setting that is one of a few words, otherwise empty."""
    return get_args(info.annotation) if get_origin(info.annotation) is Literal else ()


def allowed(group: str, key: str) -> str:
    """A sentence that says which values this setting takes."""
    info = field_of(group, key)
    kind = info.annotation
    if get_origin(kind) is UnionType:
        kind = next(part for part in get_args(kind) if part is not NoneType)
    limits = bounds(info)
    if choices(info):
        return _("It must be one of: {choices}.").format(choices=", ".join(choices(info)))
    if kind is bool:
        return _("It must be true or false.")
    if info.examples:
        return _("It must be written like: {examples}.").format(examples=", ".join(map(str, info.examples)))
    if kind is str:
        return _("It must be a short text.")
    lowest, highest = f"{limits.get('ge', limits.get('gt', 0)):g}", f"{limits.get('le', limits.get('lt', 0)):g}"
    if "multiple_of" in limits:
        sentence = _("It must be a multiple of {step} from {lowest} to {highest}.")
        return sentence.format(step=limits["multiple_of"], lowest=lowest, highest=highest)
    if "gt" in limits:
        sentence = _("It must be a number above {lowest} and up to {highest}.")
    elif kind is int:
        sentence = _("It must be a whole number from {lowest} to {highest}.")
    else:
        sentence = _("It must be a number from {lowest} to {highest}.")
    return sentence.format(lowest=lowest, highest=highest)


def check(group: str, key: str, value: Any) -> None:
    """Raises `SettingsError` for a value that this setting does not take, or a name that does not exist."""
    field_of(group, key)
    try:
        groups()[group].model_validate({key: value})
    except ValidationError as error:
        sentence = _("“{value}” can't be used for {name}.").format(value=value, name=f"{group}.{key}")
        raise SettingsError(sentence, allowed(group, key), details=str(error)) from error


# --- the file ------------------------------------------------------------------------------------------

Table = MutableMapping[str, Any]

# One function per step: `_MIGRATIONS[1]` turns a file of version 1, in place, into one of version 2.
_MIGRATIONS: dict[int, Callable[[Table], None]] = {}


class SettingsFile:
    """`settings.toml` and the settings it holds.

    Comments, unknown keys and values that can't be used stay in the file until a person changes them.
    Attributes: `settings`, as last loaded or changed; `problems`, sentences about what could not be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settings = Settings()
        self.problems: list[str] = []

    def load(self) -> Settings:
        """Read the file. Never raises: what can't be used is told in `problems` and replaced by its default."""
        import tomllib

        self.problems = []
        data: Table = {}
        try:
            data = tomllib.loads(self.path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            pass
        except ValueError as error:  # not TOML, or not UTF-8
            self._set_aside(error)
        except OSError as error:
            sentence = _("The settings in {path} can't be read ({reason}), so the defaults are used.")
            self.problems.append(sentence.format(path=self.path, reason=error.strerror or error))
        _migrate(data)
        self.settings = self._read(data)
        return self.settings

    def change(self, group: str, key: str, value: Any) -> Settings:
        """Set one value and save; None removes it, for a setting that may be left open.

        Raises `SettingsError` where the value is not allowed or the file can't be written, and `DiskFull`.
        """
        check(group, key, value)
        return self._write(group, key, value)

    def reset(self, group: str, key: str) -> Settings:
        """Give one setting its default back and save. Raises as `change` does."""
        field_of(group, key)
        return self._write(group, key, None)

    def _write(self, group: str, key: str, value: Any) -> Settings:
        import tomlkit  # late: only a change needs to keep comments

        # Read again first: another process, or a person with an editor, may have changed other values.
        self.load()
        try:
            text = self.path.read_text(encoding="utf-8-sig") if self.path.exists() else f"version = {VERSION}\n"
            document = tomlkit.parse(text)
            _migrate(document)
            table = document.get(group)
            if not isinstance(table, MutableMapping):
                document[group] = tomlkit.table()
                table = document[group]
                assert isinstance(table, MutableMapping)
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value
            atomic_write(self.path, tomlkit.dumps(document).encode())
        except (OSError, ValueError) as error:  # ValueError: a damaged file that could not be put aside
            raise SettingsError(
                _("The settings can't be saved in {path}.").format(path=self.path),
                _("Check that you may write there. Until then the old value stays."),
                details=str(error),
            ) from error
        return self.load()

    def _set_aside(self, error: ValueError) -> None:
        aside = self.path.with_name(f"{self.path.name}.broken-{datetime.now():%Y%m%d-%H%M%S-%f}")
        try:
            self.path.replace(aside)
        except OSError as problem:
            sentence = _("The settings in {path} can't be read ({reason}), so the defaults are used.")
            self.problems.append(sentence.format(path=self.path, reason=problem.strerror or problem))
            return
        sentence = _("The settings file was damaged ({reason}). It is kept as {path}, and the defaults are used.")
        self.problems.append(sentence.format(reason=error, path=aside))

    def _read(self, data: Table) -> Settings:
        """The settings in `data`, with a default and a problem for each value that can't be used."""
        read: dict[str, Group] = {}
        for name, kind in groups().items():
            table = data.get(name, {})
            if not isinstance(table, MutableMapping):
                sentence = _("“{name}” in the settings file must be a section; its defaults are used.")
                self.problems.append(sentence.format(name=name))
                table = {}
            read[name] = self._read_group(name, kind, dict(table))
        return Settings.model_validate(read)

    def _read_group(self, name: str, kind: type[Group], values: dict[str, Any]) -> Group:
        try:
            return kind.model_validate(values)
        except ValidationError as error:
            for key in {str(detail["loc"][0]) for detail in error.errors()}:
                default = kind.model_fields[key].default
                sentence = _("“{value}” in the settings file can't be used for {name}; {default} is used instead.")
                sentence = sentence.format(value=values.pop(key), name=f"{name}.{key}", default=default)
                self.problems.append(f"{sentence} {allowed(name, key)}")
            return kind.model_validate(values)


def _migrate(data: Table) -> None:
    """Bring `data` to this version, in place. A newer file is read as far as it is understood."""
    version = data.get("version", VERSION)
    while isinstance(version, int) and version in _MIGRATIONS:
        _MIGRATIONS[version](data)
        version += 1
        data["version"] = version
