"""The local HTTP API: thin over `Thau`, for programs that speak OpenAI's or Ollama's protocol, or THAU's own.

FastAPI and uvicorn are imported by `application` and `serving` only, so that nothing else pays for them.
"""
