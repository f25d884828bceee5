package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.Life.Limit;
import io.dormouse.loop.Loop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one connection: asks the {@link Machine} what follows on an event, and carries it out.
 * Loop only, except for what is marked otherwise.
 *
 * @param <T> what is sent over it
 */
final class Link<T> {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** The state and what goes with it, for readers on any thread. */
  record Status(Life life, long generation, long sinceNanos, @Nullable CloseReason lastReason) {}

  private final ManagedConnection<T> connection;
  private final LinkOptions options;
  private final Engine engine;
  private final Loop loop;
  private final long order;
  private final Machine machine;
  private final Executor callbacks;

  /** The one place where the state is; written on the loop. */
  private volatile Status status;

  // The generation, and what lives and dies with it.
  private @Nullable Session session;
  private final Sends<T> sends;
  private Loop.@Nullable Timer limit;

  /** The wire of the latest generation, kept to be asked whether it really let go. */
  private @Nullable Wire<T> latestWire;

  // An event that comes up while another is carried out waits for that to be complete.
  private final Queue<Runnable> deferred = new ArrayDeque<>();
  private boolean stepping;

  private final List<CompletableFuture<Void>> openWaiters = new ArrayList<>();

  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong bytesUnread = new AtomicLong(); // delivered, not yet taken by the app
  private volatile boolean readingStopped; // set on the loop, read where the app takes bytes

  Link(ManagedConnection<T> connection, LinkOptions options, Engine engine, long order) {
    this.connection = connection;
    this.options = options;
    this.engine = engine;
    this.loop = engine.loop();
    this.order = order;
    this.machine = new Machine(this::judge, engine.settings().minUptime().toNanos());
    this.callbacks = engine.callbacks().serial(options.name());
    this.sends = new Sends<>(this, engine);
    this.status = new Status(Machine.initial(), 0, loop.nanoTime(), null);
  }

  // ---------------------------------------------------------------- what others may ask (any
  // thread)

  String name() {
    return options.name();
  }

  int priority() {
    return options.priority();
  }

  /** When it was registered, as a number. */
  long order() {
    return order;
  }

  ManagedConnection<T> connection() {
    return connection;
  }

  LinkOptions options() {
    return options;
  }

  Status status() {
    return status;
  }

  Life life() {
    return status.life();
  }

  long bytesIn() {
    return bytesIn.get();
  }

  long bytesOut() {
    return sends.bytesSent();
  }

  /** What is sent over it. */
  Sends<T> sends() {
    return sends;
  }

  // ------------------------------------------------------------------------------ the machine

  /** Something happened. */
  void on(Event event) {
    run(() -> step(event));
  }

  private void run(Runnable action) {
    loop.checkInLoop();
    if (stepping) {
      deferred.add(action);
      return;
    }
    stepping = true;
    try {
      action.run();
      for (Runnable next = deferred.poll(); next != null; next = deferred.poll()) {
        next.run();
      }
    } finally {
      stepping = false;
    }
  }

  private void step(Event event) {
    Life from = life();
    Life to = machine.next(from, event, loop.nanoTime());
    if (to == from) {
      return;
    }
    if (to instanceof Life.Queued && engine.turnstile().enter(this)) {
      to = machine.next(to, Event.TURN, loop.nanoTime()); // a turn that is free is not waited for
    }
    if (connects(from) && !connects(to)) {
      engine.turnstile().leave(this);
    }
    boolean limitChanges = from.limit() != to.limit() || deadline(from) != deadline(to);
    if (limitChanges) {
      cancelLimit();
    }
    boolean begins = to instanceof Life.Connecting && !(from instanceof Life.Connecting);
    boolean ends = from.hasWire() && (begins || !to.hasWire());
    Drained drained = ends ? endGeneration(from, event) : null;
    publish(from, to, drained);
    if (limitChanges) {
      startLimit(to);
    }
    enter(from, to);
    tellEngine(from, to, drained);
  }

  /** Whether it has a place at the turnstile, or waits for one. */
  private static boolean connects(Life life) {
    return life instanceof Life.Queued
        || life instanceof Life.Connecting
        || life instanceof Life.Preparing;
  }

  private void enter(Life from, Life to) {
    if (to instanceof Life.Open && from instanceof Life.Preparing) {
      openShortcut();
    } else if (to instanceof Life.Connecting && !(from instanceof Life.Connecting)) {
      connect();
    } else if (to instanceof Life.Preparing && !(from instanceof Life.Preparing)) {
      prepare();
    } else if (to instanceof Life.Open && from instanceof Life.Flushing) {
      onWire(Wire::unflush);
    } else if (to instanceof Life.Flushing && !(from instanceof Life.Flushing)) {
      onWire(Wire::flush);
    } else if (to instanceof Life.Closing closing && !(from instanceof Life.Closing)) {
      onWire(wire -> wire.softClose(closing.reason()));
    }
  }

  private void connect() {
    Session started;
    try {
      started = new Session(status.generation());
    } catch (Throwable e) {
      onThrown(e);
      return;
    }
    session = started;
    latestWire = started.wire;
    started.guard(started.wire::connect);
  }

  private void openShortcut() {
    Session current = session;
    if (current != null) {
      current.guard(() -> sends.open(current.wire.shortcut()));
    }
  }

  /** Does something with the live generation's wire, if there is one. */
  void onWire(Consumer<Wire<T>> action) {
    Session current = session;
    if (current != null) {
      current.guard(() -> action.accept(current.wire));
    }
  }

  private void prepare() {
    Session current = session;
    Function<Long, CompletionStage<?>> opening = connection.opening();
    if (current == null || opening == null) {
      on(Event.PREPARED);
      return;
    }
    callbacks.execute(
        () -> {
          try {
            opening
                .apply(current.number)
                .whenComplete((done, failure) -> current.post(() -> prepared(failure)));
          } catch (Throwable e) {
            current.post(() -> prepared(e));
          }
        });
  }

  private void prepared(@Nullable Throwable failure) {
    if (failure == null) {
      on(Event.PREPARED);
    } else {
      CloseReason reason =
          CloseReason.of(CloseReason.Kind.PREPARE_FAILED, "the app's opening failed", failure);
      onEnded(reason);
    }
  }

  /** A live generation fails through no doing of its wire. */
  private void onEnded(CloseReason reason) {
    on(new Event.Ended(reason, false));
  }

  private void onThrown(Throwable thrown) {
    log.error("{}: the wire threw", name(), thrown);
    onEnded(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, thrown.toString(), thrown));
  }

  // ----------------------------------------------------------------------- a generation's end

  /** What a generation left behind. */
  record Drained(CloseReason reason, boolean cleanly, int unsentMessages, long unsentBytes) {}

  private Drained endGeneration(Life from, Event event) {
    CloseReason reason = Machine.reason(from, event);
    Session ended = session;
    session = null;
    boolean orderly = event instanceof Event.Ended e && e.orderly();
    if (ended != null && !ended.wireEnded) {
      abort(ended);
    }
    Sends.Unsent unsent = sends.endGeneration(reason);
    readingStopped = false;
    boolean cleanly = orderly && unsent.messages() == 0;
    return new Drained(reason, cleanly, unsent.messages(), unsent.bytes());
  }

  private void abort(Session ended) {
    try {
      ended.wire.abort();
    } catch (Throwable e) {
      log.error("{}: the wire failed to let go of its socket", name(), e);
    }
  }

  private void publish(Life from, Life to, @Nullable Drained drained) {
    Status old = status;
    boolean attempt = to instanceof Life.Connecting && !(from instanceof Life.Connecting);
    long generation = attempt ? old.generation() + 1 : old.generation();
    boolean visible = from.state() != to.state();
    long since = visible ? loop.nanoTime() : old.sinceNanos();
    CloseReason last = drained == null ? old.lastReason() : drained.reason();
    status = new Status(to, generation, since, last);
    if (!visible) {
      return;
    }
    CloseReason reason = drained == null ? leavingReason(to) : drained.reason();
    StateChange change = new StateChange(from.state(), to.state(), generation, reason);
    log(change, to);
    if (connection.hasListeners()) {
      callbacks.execute(() -> connection.tellListeners(change));
    }
    wakeWaiters(to.state());
  }

  private static @Nullable CloseReason leavingReason(Life to) {
    return to instanceof Life.Flushing flushing ? flushing.reason() : null;
  }

  private void log(StateChange change, Life to) {
    if (to instanceof Life.Failed failed) {
      log.warn(
          "{}: gave up until the next foreground or retryNow(): {}",
          name(),
          failed.why().toString());
    } else if (to instanceof Life.Waiting waiting) {
      log.info(
          "{}: {}, attempt {} in {} ms",
          name(),
          waiting.why(),
          waiting.failures() + 1,
          Duration.ofNanos(waiting.delayNanos()).toMillis());
    } else {
      log.debug("{}: {}", name(), change);
    }
  }

  private void tellEngine(Life from, Life to, @Nullable Drained drained) {
    if (from.state() == ConnectionState.DRAINING && to.state() == ConnectionState.OPEN) {
      engine.onTurnedBack(this);
    } else if (drained != null) {
      engine.onSocketGone(this, drained);
    }
    engine.onLife(this, to);
  }

  private Decision judge(CloseReason reason, Setbacks before) {
    int failures = before.failures() + 1;
    Duration waited = Duration.ofNanos(before.waitedNanos());
    Duration sinceForeground = engine.sinceForeground();
    try {
      Decision decision =
          options
              .retryPolicy()
              .decide(
                  new RetryPolicy.Ended(
                      reason, failures, waited, sinceForeground, engine.random()));
      return Objects.requireNonNull(decision, "the retry policy returned null");
    } catch (Throwable e) { // without a decision the connection would be stuck where it is
      log.error("{}: the retry policy failed on {}", name(), reason, e);
      return Decision.giveUp();
    }
  }

  // ------------------------------------------------------------------------------- limits

  private void startLimit(Life life) {
    if (life.limit() != Limit.NONE) {
      limit = loop.schedule(nanosTo(life), () -> on(Event.LIMIT_REACHED));
    }
  }

  private void cancelLimit() {
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
  }

  /** When the budget of one that is leaving ends; any number, the same for all, of the others. */
  private static long deadline(Life life) {
    if (life instanceof Life.Flushing flushing) {
      return flushing.deadlineNanos();
    } else if (life instanceof Life.Closing closing) {
      return closing.deadlineNanos();
    }
    return 0;
  }

  private long nanosTo(Life life) {
    if (life instanceof Life.Waiting waiting) {
      return waiting.delayNanos();
    } else if (life.limit() == Limit.BUDGET) {
      return deadline(life) - loop.nanoTime();
    }
    return life.limit() == Limit.PREPARE
        ? options.prepareTimeout().toNanos()
        : options.connectTimeout().toNanos();
  }

  // ------------------------------------------------------------------------------ whenOpen

  /** Completes {@code future} when the connection is open; fails it when it is closed for good. */
  void whenOpen(CompletableFuture<Void> future) {
    openWaiters.removeIf(CompletableFuture::isDone); // the app gave up on these
    openWaiters.add(future);
    wakeWaiters(life().state());
  }

  private void wakeWaiters(ConnectionState state) {
    if (openWaiters.isEmpty()) {
      return;
    }
    boolean open = state == ConnectionState.OPEN;
    if (open || state == ConnectionState.CLOSED) {
      for (CompletableFuture<Void> waiter : openWaiters) {
        sends.complete(waiter, open ? null : new NotOpenException(name(), state));
      }
      openWaiters.clear();
    }
  }

  /** How many sockets it holds, as its wire counts them; one that can't has not let go. */
  int openSockets() {
    Wire<T> wire = latestWire;
    try {
      return wire == null ? 0 : wire.openSockets();
    } catch (Throwable e) {
      log.error("{}: the wire can't count its sockets", name(), e);
      return 1;
    }
  }

  // ----------------------------------------------------------------------------- the session

  /** A generation as its wire sees it. When it is not {@link #session} any more, it is over. */
  private final class Session implements Generation {
    final long number;
    final Wire<T> wire;
    boolean wireEnded;

    Session(long number) {
      this.number = number;
      this.wire = connection.newWire(this);
    }

    private boolean isLive() {
      return session == this;
    }

    /** Runs what the wire does; if that throws, the generation is over, and nothing else is. */
    void guard(Runnable action) {
      try {
        action.run();
      } catch (Throwable e) { // an Error too: a class that is missing must not stop the others
        run(
            () -> {
              if (isLive()) {
                onThrown(e);
              }
            });
      }
    }

    /** Runs this on the loop, unless the generation is over by then. Any thread. */
    void post(Runnable action) {
      engine.execute(
          () -> {
            if (isLive()) {
              guard(action);
            }
          });
    }

    private void tell(Event event) {
      run(
          () -> {
            if (isLive()) {
              step(event);
            }
          });
    }

    @Override
    public String connectionName() {
      return name();
    }

    @Override
    public Loop loop() {
      return loop;
    }

    @Override
    public long connectTimeoutNanos() {
      return options.connectTimeout().toNanos();
    }

    @Override
    public void connected() {
      tell(Event.CONNECTED);
    }

    @Override
    public void flushed() {
      tell(Event.FLUSHED);
    }

    @Override
    public void softClosed() {
      wireEnded = true;
      tell(new Event.Ended(CloseReason.of(CloseReason.Kind.PEER_CLOSED), true));
    }

    @Override
    public void ended(CloseReason reason) {
      wireEnded = true;
      boolean orderly = reason.kind() == CloseReason.Kind.PEER_CLOSED;
      tell(new Event.Ended(engine.attribute(reason), orderly));
    }

    @Override
    public boolean deliver(int bytes, Runnable callback) {
      if (!isLive()) {
        return true;
      }
      bytesIn.addAndGet(bytes);
      long bound = engine.settings().unreadBytes();
      long held = (long) bytes + Outgoing.OVERHEAD;
      long unread = bytesUnread.addAndGet(held);
      callbacks.execute(
          () -> {
            sends.delivering();
            try {
              callback.run();
            } finally {
              taken(held);
            }
          });
      if (unread < bound) {
        return true;
      }
      readingStopped = true;
      if (bytesUnread.get() <= bound / 2) { // the app caught up before it could see the flag
        readingStopped = false;
        return true;
      }
      return false;
    }

    /** The app has taken so much. Any thread. */
    private void taken(long held) {
      long left = bytesUnread.addAndGet(-held);
      if (readingStopped && left <= engine.settings().unreadBytes() / 2) {
        engine.execute(Link.this::resumeReading);
      }
    }

    @Override
    public void countReceived(long bytes) {
      bytesIn.addAndGet(bytes);
    }

    @Override
    public void countSent(long bytes) {
      sends.countSent(bytes);
    }

    @Override
    public <V> void offload(Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
      engine
          .callbacks()
          .blocking()
          .execute(
              () -> {
                try {
                  V result = work.call();
                  post(() -> done.accept(result));
                } catch (Exception e) {
                  post(() -> failed.accept(e));
                } catch (Error e) { // a class of the app's that is missing, for one
                  post(() -> failed.accept(new ExecutionException(e)));
                }
              });
    }
  }

  private void resumeReading() {
    if (readingStopped) {
      readingStopped = false;
      onWire(Wire::resumeReading);
    }
  }
}
