"""Language models: the protocol that chat codes against, and the local backend with its child process."""
