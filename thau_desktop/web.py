"""`thau web`: a plain chat page in the browser, Gradio's, over the same turns and behind the same token as the API.

Gradio is no part of the usual installation (extra `web`). It is kept from asking anybody anything: no fonts and no
scripts from elsewhere, no statistics; what the page may load the browser is told as well (`POLICY`).
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from thau_desktop.api.access import Guard, Message, Receive, Rules, Scope, Send
from thau_desktop.api.limits import CHAT, Limits
from thau_desktop.api.running import iterate
from thau_desktop.api.serving import Address, Listener
from thau_desktop.api.token import Token
from thau_desktop.errors import ThauError
from thau_desktop.messages import Finished, TextDelta, ToolCallReady, ToolFinished, TurnEvent
from thau_desktop.translation import _

if TYPE_CHECKING:
    from thau_desktop.app import Thau

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
)
_HEADERS = ((b"content-security-policy", POLICY.encode()), (b"referrer-policy", b"no-referrer"))
_CSS = 'button[title="Share"] { display: none }'  # it would send a picture to Hugging Face
_FONTS = ["system-ui", "sans-serif"]

_logger = logging.getLogger(__name__)


class Page:
    """The page of one `Thau`, from `start` to `stop`."""

    def __init__(self, thau: Thau) -> None:
        """Raises `ThauError` where Gradio is not installed."""
        gradio = _gradio()
        self._files = tempfile.TemporaryDirectory(prefix="thau-web-")  # copies of pictures that are shown
        os.environ["GRADIO_TEMP_DIR"] = self._files.name
        self._token = Token(thau.paths)
        inside = gradio.mount_gradio_app(
            FastAPI(openapi_url=None),
            _chat(gradio, thau),
            path="",
            footer_links=[],
            show_error=True,
            ssr_mode=False,
            enable_monitoring=False,
            css=_CSS,
            allowed_paths=[str(thau.paths.generated_images)],
            theme=gradio.themes.Default(primary_hue="indigo", font=_FONTS, font_mono=["ui-monospace", "monospace"]),
        )
        guarded = Guard(
            _Policed(Limits(inside, most=CHAT)),
            self._token,
            lambda: Rules(),
            pages=lambda path: True,
            is_open=lambda path: False,
        )
        self._listener = Listener(guarded, "web", lifespan="on")

    def start(self, port: int) -> str:
        """Listen and serve; returns the URL. Raises `ThauError` where it can't listen there."""
        self._token.value()
        return self._listener.start(Address(port=port))

    def stop(self) -> None:
        """End. Safe to call twice."""
        self._listener.stop()
        self._files.cleanup()


def _gradio() -> Any:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when it is imported
    try:
        import gradio
    except ImportError as missing:
        raise ThauError(
            _("The web page needs Gradio, which is not installed."),
            _('Beside the source: pip install "thau-desktop[web]". An installed THAU has window and API instead.'),
            details=str(missing),
        ) from missing
    return gradio


def _chat(gradio: Any, thau: Thau) -> Any:
    """The page's chat. Each page that is opened is a conversation of its own, which the window shows as well."""

    working = f"*{_('Working…')}*"

    async def reply(
        text: str, shown: list[Any], conversation: int | None
    ) -> AsyncGenerator[tuple[list[Any], int | None], None]:
        said: list[Any] = [""]  # words and pictures, in the order in which they came
        busy = ""

        def now() -> tuple[list[Any], int | None]:
            parts = [each for each in (*said, busy) if each != ""]
            return [gradio.ChatMessage(role="assistant", content=each) for each in parts], conversation

        try:
            conversation, make = _turn(thau, conversation, shown, text)
            async with aclosing(iterate(make)) as events:
                async for event in events:
                    match event:
                        case TextDelta(words):
                            said[-1] += words
                        case ToolCallReady():
                            busy = working
                        case ToolFinished(result):
                            busy = ""
                            said += [*_pictures(gradio, thau, result.images), ""]
                        case Finished(error=error):
                            busy = ""
                            said.append(error)
                        case _:
                            continue
                    yield now()
        except Exception as problem:  # raised on, the page would wait for ever, and say nothing but "Error"
            busy = ""
            if isinstance(problem, ThauError):
                said.append(str(problem))
            else:
                _logger.exception("an answer for the page failed")
                said.append(_("That failed, and should not have. thau_service.log in the data folder says more."))
            yield now()

    state = gradio.State(None)
    with gradio.Blocks(title="THAU", analytics_enabled=False, fill_height=True) as page:
        gradio.ChatInterface(
            reply,
            chatbot=gradio.Chatbot(
                show_label=False,
                scale=1,
                buttons=["copy"],
                feedback_options=None,
                placeholder=_("What can I do for you?"),
                allow_tags=False,
            ),
            textbox=gradio.Textbox(
                placeholder=_("Write a message"),
                show_label=False,
                autofocus=True,
                max_length=100_000,
                submit_btn=True,
                stop_btn=True,
            ),
            additional_inputs=[state],
            additional_inputs_accordion=gradio.Accordion(visible=False, render=False),
            additional_outputs=[state],
            analytics_enabled=False,
            flagging_mode="never",
            api_visibility="private",
        )
    return page


def _turn(
    thau: Thau, conversation: int | None, shown: list[Any], text: str
) -> tuple[int, Callable[[threading.Event], Iterator[TurnEvent]]]:
    """The conversation, and what makes the answer: of new words, or of words in the place of earlier ones.

    Who undoes or tries again has fewer questions on the page than the conversation has; an empty page is a new one.
    """
    asked = [m for m in thau.conversations.path(conversation) if m.role == "user"] if conversation else []
    before = sum(message["role"] == "user" for message in shown)
    if conversation is None or (not before and asked and asked[0].text != text):
        created = thau.conversations.create().id
        return created, lambda cancel: thau.chat.turn(created, text, cancel)
    if before < len(asked):
        old = asked[before]
        if old.text == text:
            return conversation, lambda cancel: thau.chat.regenerate(old.id, cancel)
        return conversation, lambda cancel: thau.chat.edit(old.id, text, cancel)
    return conversation, lambda cancel: thau.chat.turn(conversation, text, cancel)


def _pictures(gradio: Any, thau: Thau, images: tuple[str, ...]) -> list[Any]:
    """What is shown of pictures that were drawn; those that are gone are missing."""
    found = [thau.gallery.facts(image) for image in images]
    return [
        gradio.Image(
            facts["path"],
            type="filepath",
            alt_text=facts["prompt"],
            show_label=False,
            buttons=["download", "fullscreen"],
        )
        for facts in found
        if facts["path"] and not facts["deleted"]
    ]


class _Policed:
    """Tells the browser that this page loads nothing from elsewhere."""

    def __init__(self, inside: Any) -> None:
        self._inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        await self._inside(scope, receive, sending if scope["type"] == "http" else send)
