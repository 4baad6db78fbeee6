"""Makes a running service from a manifest: plugins, resources, packs in force, runtime, application, host."""
