package io.dormouse.engine;

import io.dormouse.callbacks.WithoutMessage;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.RetryPolicy;
import io.dormouse.connection.RetryPolicy.Decision;
import io.dormouse.connection.StateChange;
import io.dormouse.engine.Life.Limit;
import io.dormouse.loop.Loop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

  /** How long it is tried again what there is no memory for. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The state and what goes with it, for readers on any thread. */
  record Status(Life life, long generation, long sinceNanos, @Nullable CloseReason lastReason) {}

  private final ManagedConnection<T> connection;
  private final LinkOptions options;
  private final Engine engine;
  private final Loop loop;
  private final long order;
  private final Machine machine;
  private final Sends<T> sends;
  private final Inbox inbox;
  private final OpenWaiters openWaiters;
  private final Inquiries inquiries;
  private final AtomicLong bytesIn = new AtomicLong();

  /** The one place where the state is; written on the loop. */
  private volatile Status status;

  /** The latest generation, which may be over; null before the first. */
  private @Nullable Session<T> session;

  /** The wire of the generation before, if it has not let go of all its sockets. */
  private @Nullable Wire<T> notLetGo;

  private Loop.@Nullable Timer limit;

  // What is still to be done, the rest of a step first. An event that comes up while another one is
  // carried out waits for that to be complete.
  private final Queue<Runnable> restOfStep = new ArrayDeque<>();
  private final Queue<Runnable> events = new ArrayDeque<>();
  private boolean running;

  /** Made beforehand: it is for when there is no memory. */
  private final Runnable retry = this::runEvents;

  private @Nullable Long outOfMemorySince;

  /** What was asked for while the app was behind, and is done when it has caught up. */
  private @Nullable Event heldBack;

  Link(ManagedConnection<T> connection, LinkOptions options, Engine engine, long order) {
    this.connection = connection;
    this.options = options;
    this.engine = engine;
    this.loop = engine.loop();
    this.order = order;
    this.machine =
        new Machine(
            this::judge,
            engine.settings().minUptime().toNanos(),
            engine.settings().closeTimeout().toNanos());
    this.sends = new Sends<>(this, engine);
    this.inbox =
        new Inbox(
            engine.callbacks().serial(options.name()),
            engine.settings().unreadBytes(),
            sends::delivering,
            () -> engine.execute(this::resumeReading),
            () -> engine.execute(this::appCaughtUp));
    this.openWaiters = new OpenWaiters(options.name(), sends.outcomes());
    this.inquiries = new Inquiries(engine, engine.callbacks().blocking());
    this.status = new Status(Machine.initial(), 0, loop.nanoTime(), null);
  }

  // ------------------------------------------------------------------- for any thread to ask

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

  void countReceived(long bytes) {
    bytesIn.addAndGet(bytes);
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

  /** Carries this out, now or as soon as what is being carried out is complete. */
  void run(Runnable event) {
    loop.checkInLoop();
    events.add(event);
    if (!running) {
      runEvents();
    }
  }

  /**
   * Each is removed when it is done: if there was no memory for it, it is done again, which is
   * harmless for all of them.
   */
  private void runEvents() {
    running = true;
    try {
      while (!restOfStep.isEmpty() || !events.isEmpty()) {
        Queue<Runnable> queue = restOfStep.isEmpty() ? events : restOfStep;
        try {
          queue.element().run();
        } catch (OutOfMemoryError e) {
          if (retryLater()) {
            return;
          }
          log.error("{}: no memory for a step", name(), e);
        } catch (
            Throwable e) { // one of the engine's, or of a logger: the rest is done all the same
          logSafely(e);
        }
        queue.remove();
        outOfMemorySince = null;
      }
    } finally {
      running = false;
    }
  }

  /** Returns false if that has been tried for long. */
  private boolean retryLater() {
    long now = loop.nanoTime();
    long since = outOfMemorySince == null ? now : outOfMemorySince;
    outOfMemorySince = since;
    try {
      loop.execute(retry);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      return true; // the next event brings us back
    }
    return now - since < RETRY_NANOS;
  }

  private void logSafely(Throwable e) {
    try {
      log.error("{}: a step was not carried out in full", name(), e);
    } catch (Throwable again) {
      e.addSuppressed(again);
    }
  }

  /** The same, inside {@link #run}. */
  void step(Event event) {
    Life from = life();
    if (isHeldBack(from, event)) {
      return;
    }
    Life to = machine.next(from, event, loop.nanoTime());
    if (to == from) {
      return;
    }
    if (to instanceof Life.Queued && !inbox.isBehind() && engine.connectLimiter().acquire(this)) {
      to = machine.next(to, Event.PERMIT, loop.nanoTime()); // one that is free is not waited for
    }
    if (connects(from) && !connects(to)) {
      engine.connectLimiter().release(this);
    }
    change(from, to, event);
  }

  /** All that needs memory comes before the state changes, or is done again later. */
  private void change(Life from, Life to, Event event) {
    boolean begins = to instanceof Life.Connecting && !(from instanceof Life.Connecting);
    boolean ends = from.hasWire() && (begins || !to.hasWire());
    Drained drained = ends ? endGeneration(from, event) : null;

    Status old = status;
    long generation = begins ? old.generation() + 1 : old.generation();
    Session<T> latest = begins ? new Session<>(this, engine, generation) : session;
    boolean visible = from.state() != to.state();
    CloseReason last = drained == null ? old.lastReason() : drained.reason();
    Status now = new Status(to, generation, visible ? loop.nanoTime() : old.sinceNanos(), last);
    List<Runnable> rest = new ArrayList<>();
    if (visible) {
      CloseReason reason = drained == null ? leavingReason(to) : drained.reason();
      StateChange change = new Change(from.state(), to.state(), generation, reason);
      rest.add(() -> tell(change, latest));
      rest.add(() -> observe(change, to, latest));
      if (drained != null) {
        rest.add(() -> logFailureOfTheApp(drained.reason(), old.lastReason()));
      }
      rest.add(() -> openWaiters.onState(change.to()));
    }
    if (from.limit() != to.limit() || deadline(from) != deadline(to)) {
      rest.add(() -> setLimit(to));
    }
    rest.add(() -> enter(from, to));
    rest.add(() -> tellEngine(from, to, drained));
    if (to instanceof Life.Queued && inbox.isBehind()) {
      rest.add(this::callOff);
    }

    restOfStep.addAll(rest);
    session = latest;
    status = now;
  }

  /** Whether it has a permit to connect, or waits for one. */
  private static boolean connects(Life life) {
    return life instanceof Life.Queued
        || life instanceof Life.Connecting
        || life instanceof Life.Preparing;
  }

  private void enter(Life from, Life to) {
    if (to instanceof Life.Open && from instanceof Life.Preparing) {
      openDirectWrites();
    } else if (to instanceof Life.Connecting && !(from instanceof Life.Connecting)) {
      live().begin();
    } else if (to instanceof Life.Preparing && !(from instanceof Life.Preparing)) {
      prepare();
    } else if (to instanceof Life.Open && from instanceof Life.Flushing) {
      live().onWire(Wire::unflush);
    } else if (to instanceof Life.Flushing && !(from instanceof Life.Flushing)) {
      live().onWire(Wire::flush);
    } else if (to instanceof Life.Closing closing && !(from instanceof Life.Closing)) {
      live().onWire(wire -> wire.softClose(closing.reason()));
    }
  }

  private Session<T> live() {
    return Objects.requireNonNull(session, "no generation in a state that has one");
  }

  private void openDirectWrites() {
    Session<T> opened = live();
    opened.onWire(
        wire -> {
          DirectWrite<T> way = wire.directWrite();
          sends.open(opened, way == null ? null : DirectWrite.onLibraryThreads(way));
        });
  }

  /** Has the live generation's wire send this. */
  void send(Outgoing<T> message) {
    live().send(message);
  }

  private void prepare() {
    Session<T> current = live();
    Function<Long, CompletionStage<?>> opening = connection.opening();
    if (opening == null) {
      on(Event.PREPARED);
      return;
    }
    inbox.tell(
        current,
        () -> {
          if (current.endReason() != null) {
            return; // it would act on a socket that is gone
          }
          try {
            opening
                .apply(current.number())
                .whenComplete((done, failure) -> current.post(() -> prepared(failure)));
          } catch (Throwable e) {
            current.post(() -> prepared(e));
          }
        });
  }

  private void prepared(@Nullable Throwable failure) {
    if (failure == null) {
      on(Event.PREPARED);
      return;
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    CloseReason.Kind kind = CloseReason.Kind.PREPARE_FAILED;
    on(new Event.Ended(CloseReason.of(kind, "the app's opening failed", cause), false));
  }

  // ----------------------------------------------------------------------- a generation's end

  /** What a generation left behind. */
  record Drained(CloseReason reason, boolean cleanly, int unsentMessages, long unsentBytes) {}

  private Drained endGeneration(Life from, Event event) {
    CloseReason reason = Machine.reason(from, event);
    boolean orderly = event instanceof Event.Ended e && e.orderly();
    Wire<T> ended = live().end(reason);
    if (ended != null) {
      notLetGo = ended;
      int unused = openSockets(); // forgets it, if it holds none
    }
    connection.onGenerationEnded();
    inquiries.onGenerationEnded();
    Sends.Unsent unsent = sends.endGeneration(reason);
    boolean unused = inbox.resumeReading(); // that of the next one
    boolean cleanly = orderly && unsent.messages() == 0;
    return new Drained(reason, cleanly, unsent.messages(), unsent.bytes());
  }

  private void tell(StateChange change, @Nullable Session<T> latest) {
    if (connection.hasListeners()) {
      inbox.tell(latest, () -> connection.tellListeners(change));
    }
  }

  private static @Nullable CloseReason leavingReason(Life to) {
    return to instanceof Life.Flushing flushing ? flushing.reason() : null;
  }

  private void observe(StateChange change, Life to, @Nullable Session<T> latest) {
    InetSocketAddress address = latest == null ? null : latest.address();
    engine
        .observer()
        .onStep(new Observer.Step(order, name(), change, to, address, loop.nanoTime()));
  }

  /** Where the app's own code failed is said once, until something else happens. */
  private void logFailureOfTheApp(CloseReason reason, @Nullable CloseReason before) {
    boolean apps =
        reason.kind() == CloseReason.Kind.SUPPLIER_FAILED
            || reason.kind() == CloseReason.Kind.PREPARE_FAILED;
    boolean again = before != null && before.kind() == reason.kind();
    if (apps && !again && reason.cause().isPresent()) {
      log.warn("{}: {}", name(), reason, WithoutMessage.of(reason.cause().get()));
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
      log.error("{}: the retry policy failed on {}", name(), reason, WithoutMessage.of(e));
      return Decision.giveUp();
    }
  }

  // ------------------------------------------------------------------- an app that is behind

  /**
   * An app that does not take its changes of state is given no more of them: no new attempt, until
   * it has caught up. What ends something is never held back.
   */
  private boolean isHeldBack(Life life, Event event) {
    boolean begins = event instanceof Event.Wake || event instanceof Event.RetryNow;
    if (!begins) {
      if (event instanceof Event.Sleep || event instanceof Event.Close) {
        heldBack = null;
      }
      return false;
    } else if (!inbox.isBehind()) {
      return false;
    }
    heldBack = event;
    if (!life.hasWire()) {
      restOfStep.add(this::callOff);
    }
    return true;
  }

  /** Who waits for it to come up does so no longer. */
  private void callOff() {
    engine.onLife(this, Machine.initial());
  }

  private void appCaughtUp() {
    if (!inbox.resumeAttempts()) {
      return;
    }
    Event event = heldBack;
    heldBack = null;
    if (life() instanceof Life.Queued) {
      run(this::queueAgain);
    } else if (life().goal() == Life.Goal.ASLEEP) {
      engine.reconcileSoon(); // it may be wanted no more
    } else if (event != null) {
      on(event);
    }
  }

  private void queueAgain() {
    if (life() instanceof Life.Queued && engine.connectLimiter().acquire(this)) {
      step(Event.PERMIT);
    }
  }

  // ------------------------------------------------------------------------------- limits

  private void setLimit(Life life) {
    if (limit != null) {
      limit.cancel();
      limit = null;
    }
    if (life.limit() != Limit.NONE) {
      limit = loop.schedule(nanosTo(life), () -> on(Event.LIMIT_REACHED));
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
    openWaiters.add(future, life().state());
  }

  /** How many wait for it to be open. */
  int waitersForOpen() {
    return openWaiters.size();
  }

  /** Whether it holds a wire, alive or not. */
  boolean holdsWire() {
    return notLetGo != null || (session != null && session.hasWire());
  }

  /** How many sockets it holds, as its wire counts them; one that can't has not let go. */
  int openSockets() {
    try {
      Session<T> latest = session;
      if (latest != null && latest.endReason() == null) {
        return latest.openSockets();
      }
      int left = notLetGo == null ? 0 : notLetGo.openSockets();
      if (left == 0) {
        notLetGo = null;
      }
      return left;
    } catch (Throwable e) {
      log.error("{}: the wire can't count its sockets", name(), e);
      return 1;
    }
  }

  // ------------------------------------------------------------------------- for its sessions

  Inquiries inquiries() {
    return inquiries;
  }

  /** Returns false if reading is to stop. */
  boolean deliver(Session<T> of, int bytes, Runnable callback) {
    bytesIn.addAndGet(bytes);
    return inbox.deliver(of, bytes, callback);
  }

  private void resumeReading() {
    Session<T> latest = session;
    if (inbox.resumeReading() && latest != null) {
      latest.onWire(Wire::resumeReading);
    }
  }
}
