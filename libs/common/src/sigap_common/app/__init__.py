"""From a manifest to a running service: plugins, resources, packs in force, runtime, application, host."""
