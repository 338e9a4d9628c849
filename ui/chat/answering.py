"""From the composer to the model and back: makes turns, and shows what they yield where it belongs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from thau_desktop.chat.answering import Permission
from thau_desktop.errors import StoreError, ThauError
from thau_desktop.messages import (
    ContextFitted,
    Finished,
    ModelLoading,
    ModelReady,
    ReasoningDelta,
    TextDelta,
    ToolCallReady,
    ToolCallStarted,
    ToolFinished,
    ToolProgress,
    TurnEvent,
    TurnStarted,
)
from thau_desktop.models.catalog import DEFAULT_MODEL
from thau_desktop.translation import _
from ui.chat.composer import Draft
from ui.chat.context_use import measure
from ui.chat.permission import Question
from ui.chat.stored_source import shown
from ui.chat.turns import Turn, Turns
from ui.words import loading_words
from ui.worker import run_in_background, workers

if TYPE_CHECKING:
    from thau_desktop.app import Thau
    from ui.chat.page import ChatPage
    from ui.main_window import MainWindow

# What a model that came with THAU does not have.
_MODEL_TROUBLE = {"ModelMissing", "ModelBroken", "ModelUnsupported"}

Start = Callable[[threading.Event, Permission], Iterable[TurnEvent]]

_logger = logging.getLogger(__name__)


class Answering(QObject):
    """Runs the turns of all conversations for the page, which shows one of them. Attributes: `turns`."""

    def __init__(self, thau: Thau, page: ChatPage, window: MainWindow) -> None:
        super().__init__(page)
        self._thau = thau
        self._page = page
        self._window = window
        self._contexts: dict[int, tuple[int, ContextFitted]] = {}  # tokens answered since, and what was fitted
        self._counting = False  # the model counts a conversation that was opened
        self._stale = False  # the transcript shows the live answer without its words
        self.turns = Turns(_("Answering"), self)
        self.turns.changed.connect(self.show_state)
        self.turns.happened.connect(self._on_event)
        self.turns.failed.connect(self._on_failed)
        self.turns.crashed.connect(self._on_crashed)
        self.turns.ended.connect(self._on_ended)
        page.permissions.asked.connect(self._on_asked)
        transcript = page.transcript
        transcript.regenerate.connect(self.regenerate)
        transcript.retry.connect(self.regenerate)
        transcript.edit.connect(self.edit)
        transcript.choose_variant.connect(self.choose_variant)
        workers().noted.connect(self._on_noted)

    # --- what a person does -----------------------------------------------------------------------------------

    @Slot(object)
    def send(self, draft: Draft) -> None:
        """Send what stands in the composer, or let it wait for the answer that is being written."""
        try:
            conversation_id = self._page.begin_conversation()
        except ThauError as error:  # the words stay where they are
            self._page.say_problem(error)
            return
        self._page.foot.problem.clear()
        self._page.clear_draft()
        words, files = draft.text.strip(), draft.attachments
        chat = self._thau.chat

        def start(cancel: threading.Event, permission: Permission) -> Iterable[TurnEvent]:
            return chat.turn(conversation_id, words, cancel, attachments=files, permission=permission)

        self._begin(conversation_id, start, draft=draft)

    def send_words(self, words: str) -> None:
        """Send a suggestion."""
        self.send(Draft(words))

    @Slot(int)
    def regenerate(self, message_id: int) -> None:
        """Another answer beside this one."""
        chat, conversation_id = self._thau.chat, self._page.conversation_id
        if conversation_id is not None:

            def start(cancel: threading.Event, permission: Permission) -> Iterable[TurnEvent]:
                return chat.regenerate(message_id, cancel, permission=permission)

            self._begin(conversation_id, start, replaces=message_id)

    @Slot(int, str)
    def edit(self, message_id: int, text: str) -> None:
        """Ask again with other words, on a branch of its own."""
        chat, conversation_id = self._thau.chat, self._page.conversation_id
        if conversation_id is not None:

            def start(cancel: threading.Event, permission: Permission) -> Iterable[TurnEvent]:
                return chat.edit(message_id, text, cancel, permission=permission)

            self._begin(conversation_id, start, replaces=message_id)

    def _begin(
        self, conversation_id: int, start: Start, *, draft: Draft | None = None, replaces: int | None = None
    ) -> None:
        permissions = self._page.permissions

        def events(cancel: threading.Event) -> Iterable[TurnEvent]:
            return start(cancel, lambda call: permissions.ask(conversation_id, call, cancel))

        self.turns.begin(Turn(conversation_id, events, draft, replaces=replaces))

    @Slot(int, int)
    def choose_variant(self, message_id: int, step: int) -> None:
        """Show the variant before or after this one, and what followed it."""
        if self.busy(self._page.conversation_id):
            return
        store = self._thau.conversations
        variants = store.variants(message_id)
        place = variants.index(message_id) + step
        if 0 <= place < len(variants):
            store.choose_variant(variants[place])
            self._contexts.pop(store.message(message_id).conversation_id, None)
            self._page.reload()
            self.show_context()
            self._page.transcript.show_message(variants[place])

    def stop_here(self) -> None:
        """Stop the answer of the conversation shown."""
        if self.turns.live_in(self._page.conversation_id) is not None:
            self.turns.stop()

    def stop_in(self, conversation_id: int) -> None:
        """Stop a conversation's answer; what waits there is a draft again."""
        waiting = self.turns.withdraw(conversation_id)
        if waiting:
            self._page.keep_for(conversation_id, waiting)
        if self.turns.live_in(conversation_id) is not None:
            self.turns.stop()

    def _take_back(self) -> None:
        """Put what waits in the conversation shown back into the composer."""
        conversation_id = self._page.conversation_id
        if conversation_id is not None:
            self._page.give_back(self.turns.withdraw(conversation_id))

    def unsent(self, conversation_id: int) -> list[Draft]:
        """What was sent in that conversation and is not in the store yet."""
        current = self.turns.live_in(conversation_id)
        turns = [current] if current is not None and current.message_id is None else []
        turns += self.turns.waiting_in(conversation_id)
        return [turn.draft for turn in turns if turn.draft is not None]

    # --- how things stand -------------------------------------------------------------------------------------

    def live_message(self, conversation_id: int | None) -> int | None:
        """The answer that is being written in that conversation."""
        turn = self.turns.live_in(conversation_id)
        return turn.message_id if turn is not None else None

    def busy(self, conversation_id: int | None) -> bool:
        """Whether something is being answered in that conversation or waits."""
        return self.turns.live_in(conversation_id) is not None or bool(self.turns.waiting_in(conversation_id))

    @Slot()
    def show_state(self) -> None:
        """Bring composer, notes and dots in line with what runs."""
        page, current = self._page, self.turns.current
        here = self.turns.live_in(page.conversation_id)
        page.composer.set_streaming(here is not None)
        page.list.set_live({current.conversation_id} if current is not None else set())
        waiting = self.turns.waiting_in(page.conversation_id)
        elsewhere = ""
        if waiting and current is not None and here is None:
            elsewhere = self._thau.conversations.get(current.conversation_id).title or _("New conversation")
        page.foot.show_waiting(len(waiting), self._take_back, elsewhere)
        page.foot.say(here.note if here is not None else "")
        question = page.permissions.question
        mine = question is not None and question.conversation_id == page.conversation_id
        page.foot.show_question(question if mine else None)

    def show_context(self) -> None:
        """Bring the meter in line with the conversation shown."""
        header, conversation_id = self._page.header, self._page.conversation_id
        known = self._contexts.get(conversation_id) if conversation_id is not None else None
        if known is not None:
            answered, fitted = known
            used = min(fitted.used + answered, fitted.limit)
            header.meter.show_use(used, fitted.limit, fitted.dropped, fitted.summarised)
        elif conversation_id is None or self._thau.conversations.get(conversation_id).leaf_id is None:
            header.meter.show_use(0, header.context_limit)
        else:
            header.meter.show_use(None, header.context_limit)
            self._measure(conversation_id)

    def _measure(self, conversation_id: int) -> None:
        """Count a conversation that was not answered since the start, if its model is in memory."""
        ready, model = self._window.rail.status.model, self._page.header.model_name
        if ready is None or ready.model != model or self.turns.current is not None or self._counting:
            return
        self._counting = True

        def take(fitted: ContextFitted) -> None:
            self._counting = False
            self._contexts.setdefault(conversation_id, (0, fitted))
            self.show_context()

        def leave(error: ThauError) -> None:
            self._counting = False
            _logger.info("the context was not counted: %s", error)

        run_in_background(self, lambda: measure(self._thau, conversation_id, model), take, leave)

    @Slot(object)
    def _on_noted(self, event: object) -> None:
        if isinstance(event, ModelReady):
            self.show_context()

    @Slot()
    def replay(self) -> None:
        """The transcript has made the live answer anew, without words: hand them over before anything else."""
        self._stale = True
        QTimer.singleShot(0, self, self._catch_up)

    @Slot()
    def _catch_up(self) -> None:
        turn = self.turns.live_in(self._page.conversation_id)
        if self._stale and turn is not None:
            self._stale = False
            for event in turn.events:
                self._show(turn, event)

    # --- what arrives -----------------------------------------------------------------------------------------

    @Slot(object, object)
    def _on_event(self, turn: Turn, event: TurnEvent) -> None:
        if isinstance(event, TurnStarted):
            self._page.was_stored(turn.conversation_id)
        here = turn.conversation_id == self._page.conversation_id
        match event:
            case ModelLoading():
                turn.note = loading_words(event)
            case ModelReady() | TextDelta() | ReasoningDelta() | ToolCallStarted() | ToolCallReady():
                turn.note = ""
            case ContextFitted():
                self._contexts[turn.conversation_id] = (0, event)
            case Finished() if turn.conversation_id in self._contexts:
                self._contexts[turn.conversation_id] = (event.tokens, self._contexts[turn.conversation_id][1])
        if not here:
            return
        if isinstance(event, TurnStarted):
            self._show_started(turn, event)
        elif self._stale:
            self._catch_up()
        else:
            self._show(turn, event)
        self._page.foot.say(turn.note)
        if isinstance(event, ContextFitted | Finished):
            self.show_context()

    def _show_started(self, turn: Turn, event: TurnStarted) -> None:
        page, transcript = self._page, self._page.transcript
        self._stale = False
        page.show_transcript()
        if turn.replaces is not None:
            transcript.remove_from(turn.replaces)
        if event.user_message_id not in transcript.loaded:
            transcript.add_message(shown(self._thau.conversations.message(event.user_message_id)))
        transcript.begin_answer(event.assistant_message_id)
        page.list.refresh()

    def _show(self, turn: Turn, event: TurnEvent) -> None:
        """Show one event of the answer that is being written."""
        transcript, message_id = self._page.transcript, turn.message_id
        if message_id is None:
            return
        match event:
            case TextDelta(text):
                transcript.append_text(message_id, text)
            case ReasoningDelta(text):
                transcript.append_reasoning(message_id, text)
            case ToolCallStarted(name):
                transcript.tool_started(message_id, name)
            case ToolCallReady(call):
                transcript.tool_ready(message_id, call)
            case ToolProgress(call_id, fraction, note, preview):
                transcript.tool_progress(message_id, call_id, fraction, note, preview)
            case ToolFinished(result):
                transcript.tool_finished(message_id, result)
            case Finished():
                transcript.finish_answer(turn.outcome(shown(self._thau.conversations.message(message_id))))
                if event.error_kind in _MODEL_TROUBLE:
                    self._offer_help(event)

    def _offer_help(self, event: Finished) -> None:
        """The transcript says what is wrong with the model; here is one that can answer, a click away."""
        models = self._thau.models.installed()
        if event.model != DEFAULT_MODEL and any(model.name == DEFAULT_MODEL for model in models):
            words = _("{name}, which came with THAU, can answer instead.").format(name=DEFAULT_MODEL)
            message_id = event.message_id
            self._page.foot.problem.say(
                words, _("Use {name}").format(name=DEFAULT_MODEL), lambda: self._answer_with(DEFAULT_MODEL, message_id)
            )
        else:
            self._page.foot.problem.say(
                _("Choose another model, or mend this one."),
                _("Open models"),
                lambda: self._window.show_page("models"),
            )

    def _answer_with(self, model: str, message_id: int) -> None:
        self._page.menus.choose_model(model)
        self.regenerate(message_id)

    @Slot(object, object)
    def _on_failed(self, turn: Turn, error: ThauError) -> None:
        """Nothing was stored: the words go back into the composer, and a note says why."""
        _logger.warning("a turn failed: %s\n%s", error, error.details)
        drafts = self.turns.withdraw(turn.conversation_id)
        if turn.draft is not None:
            drafts.insert(0, turn.draft)
        if turn.conversation_id != self._page.conversation_id:
            self._page.keep_for(turn.conversation_id, drafts)
            self._window.show_error(error)
            return
        self._page.give_back(drafts)
        self._page.say_problem(error)

    @Slot(object, str)
    def _on_crashed(self, turn: Turn, trace: str) -> None:
        _logger.critical("a turn crashed:\n%s", trace)
        self._window.show_error(
            ThauError(
                _("The answer could not be finished because of a bug in THAU."),
                _("What was written so far is kept. The log has the details."),
                details=trace,
            )
        )

    @Slot(object)
    def _on_ended(self, turn: Turn) -> None:
        self._page.permissions.question = None
        self._stale = False
        self._page.list.refresh()
        if turn.message_id is None or turn.conversation_id != self._page.conversation_id:
            return
        try:
            # Finished was shown already; a crash or a deleted conversation ends without it.
            stored = shown(self._thau.conversations.message(turn.message_id))
            self._page.transcript.finish_answer(turn.outcome(stored))
        except StoreError:
            self._page.reload()

    @Slot(object)
    def _on_asked(self, question: Question) -> None:
        turn = self.turns.live_in(question.conversation_id)
        if turn is not None:
            waits = ToolProgress(question.call.id, 0.0, _("Waits until you allow it"))
            turn.take(waits)
            if question.conversation_id == self._page.conversation_id:
                self._show(turn, waits)
        if question.conversation_id == self._page.conversation_id and self._page.isVisible():
            self.show_state()
            return
        self.show_state()
        title = self._thau.conversations.get(question.conversation_id).title
        self._window.toast(
            _("THAU asks for permission in “{title}”").format(title=title),
            _("Show"),
            lambda: self._window.open_conversation(question.conversation_id),
        )
