"""The model that reads a meeting's utterances in context: corpus -> nets -> ONNX, report and card."""
