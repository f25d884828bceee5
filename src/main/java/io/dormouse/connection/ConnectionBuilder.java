package io.dormouse.connection;

import io.dormouse.check.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import okhttp3.Dns;

/**
 * What can be said of every kind of connection before it is registered. A builder is used by one
 * thread, and once.
 *
 * <p>Callbacks are fixed with the registration, so that each message has one callback that takes it
 * and none falls between two of them. An app that wants to change what happens lets its callback
 * look at a field of its own. Listeners may come and go: {@link Connection#addListener}.
 *
 * @param <B> the builder of the kind
 */
public abstract class ConnectionBuilder<B extends ConnectionBuilder<B>> {
  private final String name;
  private final List<ConnectionListener> listeners = new ArrayList<>();
  private int priority;
  private Optional<RetryPolicy> retryPolicy = Optional.empty();
  private Optional<Dns> dns = Optional.empty();

  /**
   * Begins a builder.
   *
   * @param name the connection's name; not blank, no line break
   * @throws IllegalArgumentException if the name is blank or has a line break
   */
  protected ConnectionBuilder(String name) {
    this.name = Check.name("the name of a connection", name);
  }

  /** {@return this builder, as its own kind} */
  protected abstract B self();

  /**
   * Higher priorities come back first after the background; equal ones in order of registration. If
   * this method is not invoked, 0.
   *
   * @param priority any number, negative ones too
   * @return this builder
   */
  public B priority(int priority) {
    this.priority = priority;
    return self();
  }

  /**
   * Adds a listener that hears of every step from the registration on, as a lambda as a rule:
   * {@code (connection, change) -> ...}. More than one may be added.
   *
   * @param listener called on the callback executor, in order
   * @return this builder
   */
  public B onStateChange(ConnectionListener listener) {
    listeners.add(Check.given(name(), "listener", listener));
    return self();
  }

  /**
   * Decides whether and when to try again after an end. If this method is not invoked, the policy
   * of the registry.
   *
   * @param policy called on the I/O thread; must not block
   * @return this builder
   */
  public B retryPolicy(RetryPolicy policy) {
    retryPolicy = Optional.of(Check.given(name(), "policy", policy));
    return self();
  }

  /**
   * Looks host names up: DNS over HTTPS, for example, or a fake in a test. It is asked for each
   * attempt, on a thread of the library, or in its own way if it answers without blocking ({@link
   * Dns#newCall}); connections of one registry that want the same name at the same time, of the
   * same object, share the answer. An app that goes to the background cancels or interrupts a
   * look-up that nobody else waits for. If this method is not invoked, the registry's.
   *
   * @param dns may block; {@code UnknownHostException}, or whatever else it throws, fails the
   *     attempt
   * @return this builder
   */
  public B dns(Dns dns) {
    this.dns = Optional.of(Check.given(name(), "dns", dns));
    return self();
  }

  /**
   * Adds what is called on each opening on a new socket, and not when the old one stayed, nor when
   * the new one is gone by the time it could be called.
   *
   * @param callback called on the callback executor
   * @return this builder
   */
  protected final B onNewOpen(Consumer<? super Connection> callback) {
    return onStateChange(
        (connection, change) -> {
          boolean fresh = change.from() == ConnectionState.PREPARING;
          if (fresh && change.to() == ConnectionState.OPEN && isLive(connection, change)) {
            callback.accept(connection);
          }
        });
  }

  private static boolean isLive(Connection connection, StateChange change) {
    ConnectionSnapshot now = connection.snapshot();
    return now.generation() == change.generation() && now.state().mayHoldSocket();
  }

  /** {@return the connection's name} */
  protected final String name() {
    return name;
  }

  /** {@return the priority} */
  protected final int priority() {
    return priority;
  }

  /** {@return the listeners} */
  protected final List<ConnectionListener> listeners() {
    return List.copyOf(listeners);
  }

  /** {@return the resolver of names; empty for the registry's} */
  protected final Optional<Dns> dns() {
    return dns;
  }

  /** {@return the policy; empty for the registry's} */
  protected final Optional<RetryPolicy> retryPolicy() {
    return retryPolicy;
  }
}
