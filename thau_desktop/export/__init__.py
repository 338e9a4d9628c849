"""Out of the house: a version as a merged model, a GGUF file or an adapter of one, and into Ollama."""
