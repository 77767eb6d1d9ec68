"""The pipeline language: text with places, templates, the model, the project file, names in scope."""
