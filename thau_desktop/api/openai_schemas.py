"""OpenAI's requests and answers, as far as they mean something here. What is unknown is let pass, as clients expect.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_LARGEST = (1 << 63) - 1
_TEXT = 2_000_000  # characters


class Request(BaseModel):
    """A request of a client that may know more fields than this server."""

    model_config = ConfigDict(extra="allow", strict=True)


class TextPart(Request):
    type: Literal["text"]
    text: str = Field(max_length=_TEXT)


class ImagePart(Request):
    """Refused: no model here can see."""

    type: Literal["image_url"]
    image_url: dict[str, Any]


class CalledFunction(Request):
    name: str = Field(min_length=1, max_length=200)
    arguments: str = Field(max_length=_TEXT)


class ToolCall(Request):
    id: str = Field(min_length=1, max_length=200)
    type: Literal["function"] = "function"
    function: CalledFunction


Content = Annotated[str, Field(max_length=_TEXT)] | list[TextPart | ImagePart]


class SystemMessage(Request):
    role: Literal["system", "developer"]
    content: Content


class UserMessage(Request):
    role: Literal["user"]
    content: Content


class AssistantMessage(Request):
    role: Literal["assistant"]
    content: Content | None = None
    tool_calls: list[ToolCall] | None = None


class ToolMessage(Request):
    role: Literal["tool"]
    content: Content
    tool_call_id: str = Field(max_length=200)


ChatMessage = Annotated[SystemMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")]


class Function(Request):
    name: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(Request):
    type: Literal["function"]
    function: Function


class NamedFunction(Request):
    name: str


class NamedTool(Request):
    type: Literal["function"]
    function: NamedFunction


class JsonSchema(Request):
    name: str | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")


class ResponseFormat(Request):
    """`json_object`: the answer is one JSON object, asked for in words and checked; a schema is asked for likewise."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(Request):
    include_usage: bool | None = None


class ChatRequest(Request):
    """A conversation that the client keeps."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "thau-nano-v1",
                    "messages": [{"role": "user", "content": "¿Qué es un token?"}],
                    "stream": False,
                }
            ]
        }
    )
    model: str = Field(
        default="", max_length=200, description="`thau` and nothing at all mean the one in the settings."
    )
    messages: list[ChatMessage] = Field(min_length=1, max_length=2000)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1, le=_LARGEST)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=_LARGEST)
    seed: int | None = Field(default=None, ge=-_LARGEST, le=_LARGEST)
    stop: str | list[str] | None = None
    n: int | None = Field(default=None, ge=1, le=1, description="Only one answer can be made at a time.")
    tools: list[Tool] | None = Field(default=None, max_length=128)
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    response_format: ResponseFormat | None = None


class AnswerFunction(BaseModel):
    name: str
    arguments: str


class AnswerCall(BaseModel):
    id: str
    type: Literal["function"] = "function"
    function: AnswerFunction


class AnswerMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str | None
    reasoning_content: str | None = None
    refusal: str | None = None
    tool_calls: list[AnswerCall] | None = None


class Choice(BaseModel):
    index: int = 0
    message: AnswerMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length", "tool_calls"]


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    id: str = Field(examples=["chatcmpl-4f0c"])
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class Model(BaseModel):
    id: str = Field(examples=["thau-nano-v1"])
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]


class ImagesRequest(Request):
    """Pictures to draw."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"prompt": "a cute robot", "size": "512x512"}]})
    prompt: str = Field(min_length=1, max_length=32_000, pattern=r"[^\s\x00-\x1f\x7f-\x9f]")
    model: str | None = Field(default=None, max_length=200)
    n: int | None = Field(default=None, ge=1, le=16)
    size: str | None = Field(default=None, pattern=r"^(auto|[1-9][0-9]{1,4}x[1-9][0-9]{1,4})$", examples=["512x512"])
    response_format: Literal["url", "b64_json"] | None = None


class Image(BaseModel):
    url: str | None = None
    b64_json: str | None = None
    revised_prompt: str | None = None


class Images(BaseModel):
    created: int
    data: list[Image]


class EmbeddingsRequest(Request):
    """Texts to turn into vectors."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"model": "ollama/nomic-embed-text", "input": "Hola"}]})
    model: str = Field(max_length=200)
    input: Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(min_length=1, max_length=2048)]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = Field(default=None, ge=1, le=65_536)


class Embedding(BaseModel):
    """A vector: its numbers, or these in base64 where that was asked for."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingsUsage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class Embeddings(BaseModel):
    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage
