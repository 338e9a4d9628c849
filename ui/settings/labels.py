"""What the settings page calls things: groups, fields, choices and units, in English for `_`.

The descriptions under the names come from the settings model itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from thau_desktop.translation import N_


@dataclass(frozen=True, slots=True)
class GroupLabel:
    """One page: its icon, name, sentence, and its cards as (heading, field names)."""

    icon: str
    name: str
    sentence: str
    cards: tuple[tuple[str, tuple[str, ...]], ...] = ()


GROUPS: dict[str, GroupLabel] = {
    "general": GroupLabel(
        "sliders-horizontal",
        N_("General"),
        N_("Language, and what happens at start and close."),
        (
            ("", ("language",)),
            (N_("Starting and closing"), ("autostart", "keep_in_tray")),
            (N_("New versions"), ("updates",)),
        ),
    ),
    "appearance": GroupLabel(
        "palette",
        N_("Appearance"),
        N_("How the window looks. Everything changes while you watch."),
        (("", ("theme", "text_scale", "reduced_motion")),),
    ),
    "chat": GroupLabel(
        "chat",
        N_("Chat"),
        N_("How a conversation goes and how answers are written."),
        (
            (N_("Conversation"), ("persona", "tools", "context_strategy")),
            (N_("Writing and reading"), ("send_with_enter", "show_speed")),
            (N_("Answers"), ("temperature", "top_p", "top_k", "max_new_tokens")),
        ),
    ),
    "model": GroupLabel(
        "cube",
        N_("Model"),
        N_("Which model answers, and what of this machine it may use."),
        (
            ("", ("name",)),
            (N_("This machine"), ("device", "threads", "precision", "context", "window", "idle_unload_minutes")),
            (N_("Downloads"), ("hub", "offline")),
        ),
    ),
    "images": GroupLabel(
        "image",
        N_("Images"),
        N_("How pictures are made unless you say otherwise in the chat or the gallery."),
        (("", ("model", "preset", "safety")), (N_("By hand"), ("width", "height", "steps", "guidance"))),
    ),
    "training": GroupLabel(
        "chart-line",
        N_("Training"),
        N_("When THAU learns from your examples, and how."),
        (
            (
                N_("When"),
                (
                    "auto",
                    "hour",
                    "auto_train_interval_hours",
                    "min_new_examples",
                    "without_window",
                    "on_battery",
                    "while_in_use",
                ),
            ),
            (
                N_("How"),
                (
                    "epochs_per_training",
                    "batch_size",
                    "learning_rate",
                    "lora_r",
                    "lora_alpha",
                    "max_context_length",
                    "keep_versions",
                ),
            ),
        ),
    ),
    "export": GroupLabel(
        "export",
        N_("Export"),
        N_("What THAU learned belongs to you: how it is written for other programs."),
        (("", ("quantization",)), ("Ollama", ("push_to_ollama",))),
    ),
    "api": GroupLabel(
        "share-network",
        N_("API"),
        N_("Let other programs on this computer talk with your model."),
        (("", ("enabled",)), (N_("For those who know why"), ("host", "port", "allowed_hosts", "allowed_origins"))),
    ),
    "privacy": GroupLabel(
        "shield-check",
        N_("Privacy"),
        N_(
            "Everything stays on this computer, but for what you say to a model on another one. Here is where, and how"
            " to take it with you or delete it."
        ),
        ((N_("Learning"), ("capture_conversations",)),),
    ),
    "about": GroupLabel("info", N_("About"), N_("This version, this machine, and the work of others inside.")),
}

FIELDS: dict[str, str] = {
    "general.language": N_("Language"),
    "general.autostart": N_("Start with the computer"),
    "general.keep_in_tray": N_("When the window is closed"),
    "general.updates": N_("Address that tells of new versions"),
    "appearance.theme": N_("Theme"),
    "appearance.text_scale": N_("Text size"),
    "appearance.reduced_motion": N_("Reduce motion"),
    "chat.persona": N_("Persona"),
    "chat.tools": N_("Tools"),
    "chat.context_strategy": N_("When the conversation is too long"),
    "chat.send_with_enter": N_("Send with Enter"),
    "chat.show_speed": N_("Show the speed"),
    "chat.temperature": N_("Temperature"),
    "chat.top_p": N_("Top-p"),
    "chat.top_k": N_("Top-k"),
    "chat.max_new_tokens": N_("Longest answer"),
    "model.name": N_("Model that answers"),
    "model.threads": N_("Threads"),
    "model.device": N_("Device"),
    "model.precision": N_("Precision"),
    "model.context": N_("Context"),
    "model.window": N_("Sliding window"),
    "model.idle_unload_minutes": N_("Free memory when idle"),
    "model.hub": N_("Mirror of Hugging Face"),
    "model.offline": N_("Stay offline"),
    "model.servers": N_("Servers"),
    "images.model": N_("Model that draws"),
    "images.preset": N_("Preset"),
    "images.safety": N_("Safety checker"),
    "images.width": N_("Width"),
    "images.height": N_("Height"),
    "images.steps": N_("Steps"),
    "images.guidance": N_("Guidance"),
    "training.auto": N_("Train every night"),
    "training.auto_train_interval_hours": N_("Interval"),
    "training.hour": N_("Start at"),
    "training.min_new_examples": N_("New examples needed"),
    "training.on_battery": N_("On battery, too"),
    "training.while_in_use": N_("While in use, too"),
    "training.without_window": N_("Without a window, too"),
    "training.keep_versions": N_("Versions to keep"),
    "training.batch_size": N_("Batch size"),
    "training.epochs_per_training": N_("Epochs"),
    "training.learning_rate": N_("Learning rate"),
    "training.lora_r": N_("LoRA rank"),
    "training.lora_alpha": N_("LoRA alpha"),
    "training.max_context_length": N_("Longest example"),
    "export.quantization": N_("Bits of exported models"),
    "export.push_to_ollama": N_("Put new versions into Ollama"),
    "api.enabled": N_("API server"),
    "api.host": N_("Address"),
    "api.port": N_("Port"),
    "api.allowed_hosts": N_("Other names of this computer"),
    "api.allowed_origins": N_("Web pages that may use it"),
    "privacy.capture_conversations": N_("Propose examples from conversations"),
}

# Kept in the settings file, but nothing that a person would look for here.
HIDDEN = {"general.first_run_done", "model.own"}

CHOICES: dict[str, dict[object, str]] = {
    "general.language": {"system": N_("Like the system"), "es": "Español", "en": "English"},
    "general.keep_in_tray": {None: N_("Ask me once"), True: N_("Keep running in the tray"), False: N_("Quit")},
    "appearance.theme": {"system": N_("Like the system"), "light": N_("Light"), "dark": N_("Dark")},
    "chat.tools": {"auto": N_("When the model wants"), "ask": N_("Ask me each time"), "off": N_("Never")},
    "chat.context_strategy": {
        "drop_oldest": N_("Leave out the oldest"),
        "summarise_oldest": N_("Summarise the oldest"),
        "refuse": N_("Stop and say so"),
    },
    "model.device": {"auto": N_("Choose for me"), "cpu": N_("Processor")},
    "model.precision": {
        "auto": N_("As it fits"),
        "full": N_("Full"),
        "int8": N_("8 bits"),
        "nf4": N_("4 bits (NF4)"),
        "spread": N_("Full, over memory and disk"),
    },
    "export.quantization": {
        "f16": N_("16 bits (as exact as it gets)"),
        "q8_0": N_("8 bits (half as large)"),
        "q4_k_m": N_("4 bits (a third as large)"),
    },
    "images.preset": {"fast": N_("Fast"), "standard": N_("Standard"), "quality": N_("Quality")},
}

UNITS: dict[str, str] = {
    "chat.max_new_tokens": N_("tokens"),
    "model.context": N_("tokens"),
    "model.window": N_("tokens"),
    "model.idle_unload_minutes": N_("min"),
    "images.width": N_("px"),
    "images.height": N_("px"),
    "training.auto_train_interval_hours": N_("h"),
    "training.max_context_length": N_("tokens"),
}

# Numbers that are felt rather than known: a slider, with this step.
SLIDERS: dict[str, float] = {
    "appearance.text_scale": 0.1,
    "chat.temperature": 0.05,
    "chat.top_p": 0.05,
    "images.steps": 1,
    "images.guidance": 0.5,
}
PERCENT = {"appearance.text_scale"}
TIMES = {"training.hour"}

# What the lowest value means, where it is a word rather than a number.
SPECIAL: dict[str, str] = {
    "chat.top_k": N_("No limit"),
    "model.threads": N_("Choose for me"),
    "model.window": N_("The whole conversation"),
    "model.idle_unload_minutes": N_("Never"),
}

# Other words that a person may search for.
ALSO: dict[str, str] = {
    "appearance.theme": "dark light colour color oscuro claro tema",
    "appearance.text_scale": "font zoom letra fuente",
    "chat.temperature": "creativity creatividad sampling",
    "model.device": "gpu cuda cpu mps",
    "model.precision": "quantization cuantización 4-bit 8-bit nf4 int8 vram memory memoria",
    "model.context": "num_ctx length longitud largo",
    "model.window": "sliding deslizante attention atención ventana",
    "model.servers": "openai vllm lm studio llama-server remote remoto servidor http key clave",
    "api.enabled": "openai ollama http server servidor",
    "api.allowed_origins": "cors origin web",
    "training.lora_r": "adapter adaptador",
    "export.quantization": "gguf quantization cuantización llama.cpp lm studio",
    "export.push_to_ollama": "thau:latest",
}
