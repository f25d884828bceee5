package io.dormouse.engine;

import io.dormouse.check.Check;
import io.dormouse.connection.Connection;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.connection.ConnectionListener;
import io.dormouse.connection.ConnectionSnapshot;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.StateChange;
import io.dormouse.log.LogLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The handle of a connection, for any thread: a kind of connection extends it with what is
 * particular to it and makes its {@link Wire}s. One over which the app sends is a {@link
 * SendingConnection}.
 */
public abstract class ManagedConnection implements Connection {
  private static final LogLine LISTENER_THREW =
      LogLine.appError(
          LoggerFactory.getLogger("io.dormouse.callbacks"), "{}: a listener threw on {}");

  private final Engine engine;
  private final Link link;
  private volatile List<ConnectionListener> listeners = List.of(); // the lock for changes is link

  /** The wire of the generation that is alive. */
  private volatile @Nullable Wire wire;

  /** Asked for by the app; what follows from it is in the link's state. */
  private volatile boolean paused;

  /** Creates a handle that is not registered yet. */
  protected ManagedConnection(Engine engine, LinkOptions options) {
    this.engine = engine;
    this.link = new Link(this, options, engine.reconciler(), engine.nextOrder());
  }

  /** Makes the wire of a new generation. Loop only. */
  protected abstract Wire newWire(Generation generation);

  Wire makeWire(Session session) {
    Wire made = newWire(session);
    setLiveWire(made);
    return made;
  }

  final void setLiveWire(Wire made) {
    wire = made;
  }

  /** Returns what is sent over it. */
  Traffic traffic() {
    return Traffic.NONE;
  }

  final void onGenerationEnded() {
    wire = null; // and all that it holds
  }

  /** Returns the wire of the generation that is alive; null if none is. Any thread. */
  protected final @Nullable Wire liveWire() {
    return wire;
  }

  /**
   * Returns the app's own preparation of a new generation, which gets the generation's number; null
   * if there is none.
   */
  protected @Nullable Function<Long, CompletionStage<?>> preparation() {
    return null;
  }

  /**
   * What {@link #isWanted()} or {@link #isClosed()} said a moment ago may not be so any more, and
   * no wire hears of it: it is wanted and was so before, but maybe not all the time; or it is
   * closed, and had no wire. Who waits for either looks again. Loop only.
   */
  protected void lookAgain() {}

  /** Returns whether the connection is wanted at this very moment. */
  protected final boolean isWanted() {
    return engine.reconciler().isWantedNow(this);
  }

  /** Returns whether the app has closed the connection or its registry, at this very moment. */
  protected final boolean isClosed() {
    return !engine.isRegistered(this) || engine.reconciler().isRegistryClosed();
  }

  /** Returns what is refused with that needs the connection to be open. */
  protected final NotOpenException notOpen(ConnectionState now) {
    return link.notOpen(now);
  }

  /** Returns whether the app has paused the connection, at this very moment. */
  protected final boolean isPaused() {
    return paused;
  }

  /** Returns the connection's name and the like. */
  protected final LinkOptions options() {
    return link.options();
  }

  final Link link() {
    return link;
  }

  final boolean hasListeners() {
    return !(listeners.isEmpty() && engine.listeners().isEmpty());
  }

  final void tellListeners(StateChange change) {
    tell(listeners, change);
    tell(engine.listeners(), change);
  }

  private void tell(List<ConnectionListener> all, StateChange change) {
    for (ConnectionListener listener : all) {
      try {
        listener.onStateChange(this, change);
      } catch (Throwable e) { // the other listeners hear of it all the same
        LISTENER_THREW.write(name(), change, e);
      }
    }
  }

  @Override
  public final String name() {
    return link.name();
  }

  @Override
  public final ConnectionKind kind() {
    return link.options().kind();
  }

  @Override
  public final ConnectionState state() {
    return link.linkState().state();
  }

  @Override
  public final ConnectionSnapshot snapshot() {
    Link.Status status = link.status();
    long nanos = Math.max(0, engine.environment().loop().nanoTime() - status.sinceNanos());
    return new Snapshots.OfConnection(
        name(),
        kind(),
        status.linkState().state(),
        Duration.ofNanos(nanos),
        status.generation(),
        status.linkState().failures(),
        link.counters().received(),
        link.counters().sent(),
        link.counters().handshakes(),
        link.counters().resumedHandshakes(),
        link.room().bytes(),
        traffic().refusals(),
        status.lastReason());
  }

  @Override
  public final long queuedBytes() {
    return link.room().bytes();
  }

  @Override
  public final CompletableFuture<Void> whenOpen() {
    CompletableFuture<Void> future = new CompletableFuture<>();
    ConnectionState now = state();
    if (now == ConnectionState.OPEN) {
      future.complete(null);
    } else if (now == ConnectionState.CLOSED
        || !engine.reconciler().tasks().executeUntilDone(() -> link.whenOpen(future))) {
      future.completeExceptionally(link.notOpen(ConnectionState.CLOSED));
    }
    return future;
  }

  @Override
  public final void addListener(ConnectionListener listener) {
    Check.given(name(), "listener", listener);
    synchronized (link) {
      if (!listeners.contains(listener)) {
        List<ConnectionListener> more = new ArrayList<>(listeners);
        more.add(listener);
        listeners = more;
      }
    }
  }

  @Override
  public final void removeListener(ConnectionListener listener) {
    Check.given(name(), "listener", listener);
    synchronized (link) {
      List<ConnectionListener> fewer = new ArrayList<>(listeners);
      fewer.remove(listener);
      listeners = fewer;
    }
  }

  @Override
  public final void pause() {
    paused = true;
    engine.reconciler().reconcileSoon();
  }

  @Override
  public final void resume() {
    paused = false;
    engine.reconciler().reconcileSoon();
  }

  @Override
  public final void retryNow() {
    engine.reconciler().tasks().execute(() -> link.on(Event.RETRY_NOW));
  }

  @Override
  public final void close() {
    engine.closeConnection(this);
  }

  @Override
  public final String toString() {
    return kind() + " " + name() + " " + state();
  }
}
