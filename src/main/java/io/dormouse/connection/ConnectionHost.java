package io.dormouse.connection;

/**
 * Where connections live: what a builder needs to register one. Only the library implements it; an
 * app gets its builders from the registry.
 */
public interface ConnectionHost {}
