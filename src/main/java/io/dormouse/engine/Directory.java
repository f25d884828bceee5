package io.dormouse.engine;

import io.dormouse.connection.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which connection is registered under which name, until the registry is closed. Any thread. */
final class Directory {
  private final Map<String, ManagedConnection> names =
      new LinkedHashMap<>(); // guarded by this, in order of registration
  private boolean closed; // guarded by this

  /**
   * Enters a connection under its name.
   *
   * @param then runs before anything else can change here; if it throws, nothing is entered
   * @throws IllegalArgumentException if the name is taken
   * @throws IllegalStateException if the registry is closed
   */
  synchronized void add(ManagedConnection connection, Runnable then) {
    String name = connection.name();
    checkOpen(name);
    if (names.putIfAbsent(name, connection) != null) {
      throw new IllegalArgumentException(
          name + ": the name is taken; close that connection first or choose another name");
    }
    try {
      then.run();
    } catch (Throwable e) { // no memory
      names.remove(name);
      throw e;
    }
  }

  /** Takes a connection out; the name is free again. Does nothing if it is not here. */
  synchronized void remove(ManagedConnection connection) {
    names.remove(connection.name(), connection);
  }

  /** Returns whether this very connection is here, and the registry open. */
  synchronized boolean contains(ManagedConnection connection) {
    return !closed && names.get(connection.name()) == connection;
  }

  /** Returns the connection of this name. */
  synchronized Optional<Connection> find(String name) {
    return Optional.ofNullable(names.get(name));
  }

  /** Returns the connections, in order of registration. */
  synchronized List<Connection> all() {
    return new ArrayList<>(names.values());
  }

  /** From now on nothing is entered, nor begun. */
  synchronized void close() {
    closed = true;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Closes, and takes every connection out. */
  synchronized void clear() {
    closed = true;
    names.clear();
  }

  /**
   * Does something that is for an open registry only, before anything else can change here.
   *
   * @param who begins the error's message
   * @throws IllegalStateException if the registry is closed
   */
  synchronized <T> T whileOpen(String who, Supplier<T> action) {
    checkOpen(who);
    return action.get();
  }

  /**
   * Checks that the registry is open.
   *
   * @param who begins the error's message
   * @throws IllegalStateException if it is closed
   */
  synchronized void checkOpen(String who) {
    if (closed) {
      throw new IllegalStateException(who + ": the registry is closed; build a new one");
    }
  }

  /**
   * Returns the engine's own view of a connection that is registered here.
   *
   * @param who begins the error's message
   * @throws IllegalArgumentException if it is not registered here
   */
  synchronized ManagedConnection checkRegistered(String who, Connection connection) {
    String name = connection.name();
    @Nullable ManagedConnection registered = names.get(name);
    if (registered == null) {
      throw new IllegalArgumentException(
          who + ": covers " + name + ", which is not registered; register it first");
    } else if (registered != connection) {
      throw new IllegalArgumentException(
          who
              + ": covers a "
              + name
              + " that is closed or another registry's; cover the one that is registered here");
    }
    return registered;
  }
}
