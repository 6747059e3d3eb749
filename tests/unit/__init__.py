"""Tests of single modules: no server, no trained model."""
