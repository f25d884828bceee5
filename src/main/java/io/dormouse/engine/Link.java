package io.dormouse.engine;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.connection.NotOpenException;
import io.dormouse.connection.StateChange;
import io.dormouse.log.LogLine;
import io.dormouse.log.WithoutMessage;
import io.dormouse.loop.Loop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one connection: asks the {@link Machine} what follows on an event, and carries it out.
 * Loop only, except for what is marked otherwise.
 */
final class Link {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");
  private static final LogLine CANNOT_COUNT =
      LogLine.error(log, "{}: the wire can't count its sockets");

  /** The state and what goes with it, for readers on any thread. */
  record Status(
      LinkState linkState, long generation, long sinceNanos, @Nullable CloseReason lastReason) {}

  /** Made beforehand: reading has to go on when there is no memory for it. */
  private static final Consumer<Wire> RESUME_READING = Wire::resumeReading;

  private final ManagedConnection connection;
  private final LinkOptions options;
  private final Reconciler reconciler;
  private final Loop loop;
  private final long order;
  private final Machine machine;
  private final SendRoom room;
  private final Outcomes outcomes;
  private final Inbox inbox;
  private final OpenWaiters openWaiters;
  private final Counters counters = new Counters();

  /** Null until something is asked for; without memory that fails the generation that asks. */
  private @Nullable Inquiries inquiries;

  /** Over which address it was open last; null if none, or an attempt has failed since. */
  private @Nullable InetSocketAddress worked;

  /** What the attempt before had reached, and then failed; null if none. */
  private @Nullable InetSocketAddress avoided;

  /** The one place where the state is; written on the loop. */
  private volatile Status status;

  /** The latest generation, which may be over; null before the first. */
  private @Nullable Session session;

  /** The wire of the generation before, if it has not let go of all its sockets. */
  private @Nullable Wire notLetGo;

  private final StepQueue steps;
  private final StateTimer timer;
  private final HeldBack heldBack;

  /** What there was no memory for, and nobody says again. */
  private @Nullable Event owed;

  private final Loop.Signal attention;

  Link(ManagedConnection connection, LinkOptions options, Reconciler reconciler, long order) {
    this.connection = connection;
    this.options = options;
    this.reconciler = reconciler;
    this.loop = reconciler.loop();
    this.attention = loop.signal(this::attend);
    this.steps = new StepQueue(options.name(), loop, attention::raise);
    this.timer = new StateTimer(loop, options, () -> onSurely(Event.LIMIT_REACHED));
    this.order = order;
    this.machine =
        new Machine(
            new PolicyDecision(options, reconciler, steps),
            reconciler.environment().settings().minUptime().toNanos(),
            reconciler.environment().settings().closeTimeout().toNanos());
    this.room = new SendRoom(reconciler.environment().settings().sendQueueBytes());
    this.outcomes =
        new Outcomes(
            loop,
            reconciler.environment().callbacks(),
            options.name(),
            room,
            counters::endOfIteration,
            attention::raise);
    this.inbox =
        new Inbox(
            reconciler.environment().callbacks().serial(options.name()),
            reconciler.environment().settings().unreadBytes(),
            attention::raise);
    this.heldBack = new HeldBack(this, inbox, steps, reconciler);
    this.openWaiters = new OpenWaiters(this::notOpen, outcomes);
    this.status = new Status(Machine.initial(), 0, loop.nanoTime(), null);
  }

  // ------------------------------------------------------------------- for any thread to ask

  String name() {
    return options.name();
  }

  int priority() {
    return options.priority();
  }

  /** The order of registration: later ones have greater numbers. */
  long order() {
    return order;
  }

  ManagedConnection connection() {
    return connection;
  }

  LinkOptions options() {
    return options;
  }

  Status status() {
    return status;
  }

  LinkState linkState() {
    return status.linkState();
  }

  /** The bytes that came and went. Any thread, but for what is marked there. */
  Counters counters() {
    return counters;
  }

  /** The bound on its sends. Any thread. */
  SendRoom room() {
    return room;
  }

  /** What completes its futures. */
  Outcomes outcomes() {
    return outcomes;
  }

  // ------------------------------------------------------------------------------ the machine

  /** Something happened. */
  void on(Event event) {
    run(() -> step(event));
  }

  /**
   * The same for what nobody says again: if there is no memory for it now, it is done when there
   * is, unless the connection is in another state by then.
   */
  void onSurely(Event event) {
    try {
      on(event);
    } catch (OutOfMemoryError e) {
      owed = event;
      attendSoon();
    }
  }

  /** Has the connection looked after what could not be done or said at once. Any thread. */
  void attendSoon() {
    attention.raise();
  }

  /** Does what was left undone, for lack of memory or since another thread has found it. */
  private void attend() {
    steps.resume();
    if (session != null) {
      session.failIfThrown();
    }
    if (owed != null) {
      on(owed);
      owed = null;
    }
    outcomes.handOver();
    if (inbox.hasCaughtUpWithBytes()) {
      resumeReading();
    }
    heldBack.goOnIfCaughtUp();
  }

  /** Carries this out, now or as soon as what is being carried out is complete. */
  void run(Runnable event) {
    steps.run(event);
  }

  /** The same, inside {@link #run}. */
  void step(Event event) {
    LinkState from = linkState();
    if (heldBack.holds(from, event)) {
      return;
    }
    LinkState to = machine.next(from, event, loop.nanoTime());
    if (to == from) {
      return;
    }
    if (to instanceof LinkState.Queued
        && !inbox.isBehind()
        && reconciler.connectLimiter().acquire(this)) {
      to = machine.next(to, Event.PERMIT, loop.nanoTime()); // one that is free is not waited for
    }
    if (connects(from) && !connects(to)) {
      reconciler.connectLimiter().release(this);
    }
    change(from, to, event);
  }

  /**
   * Goes into another state. A generation that ends with that is ended before, in a step of its
   * own: what there is no memory for is done again, each step as a whole.
   */
  private void change(LinkState from, LinkState to, Event event) {
    boolean begins = to instanceof LinkState.Connecting && !(from instanceof LinkState.Connecting);
    if (from.hasWire() && (begins || !to.hasWire())) {
      boolean orderly = event instanceof Event.Ended e && e.orderly();
      GenerationEnd end = new GenerationEnd(Machine.reason(from, event), orderly);
      steps.addRestOfStep(
          List.of(() -> endGeneration(end), () -> enter(from, to, begins, end.drained())));
    } else {
      enter(from, to, begins, null);
    }
  }

  /** All that needs memory comes before the state changes. */
  private void enter(LinkState from, LinkState to, boolean begins, @Nullable Drained drained) {
    Status old = status;
    long generation = begins ? old.generation() + 1 : old.generation();
    Session latest = begins ? new Session(this, reconciler, generation) : session;
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
    if (StateTimer.differs(from, to)) {
      rest.add(() -> timer.set(to));
    }
    rest.add(() -> entered(from, to));
    rest.add(() -> tellEngine(from, to, drained));
    if (to instanceof LinkState.Queued && inbox.isBehind()) {
      rest.add(heldBack::callOff);
    }

    steps.addRestOfStep(rest);
    session = latest;
    status = now;
    owed = null;
  }

  /** Whether it has a permit to connect, or waits for one. */
  private static boolean connects(LinkState linkState) {
    return linkState instanceof LinkState.Queued
        || linkState instanceof LinkState.Connecting
        || linkState instanceof LinkState.Preparing;
  }

  private void entered(LinkState from, LinkState to) {
    if (to instanceof LinkState.Connecting && !(from instanceof LinkState.Connecting)) {
      live().begin();
    } else if (to instanceof LinkState.Preparing && !(from instanceof LinkState.Preparing)) {
      Preparation.begin(live(), connection.preparation(), inbox, this);
    } else if (to instanceof LinkState.Open && from instanceof LinkState.Flushing) {
      live().onWire(Wire::unflush);
    } else if (to instanceof LinkState.Flushing && !(from instanceof LinkState.Flushing)) {
      live().onWire(Wire::flush);
    } else if (to instanceof LinkState.Closing closing && !(from instanceof LinkState.Closing)) {
      live().onWire(wire -> wire.closeGracefully(closing.reason(), closing.deadlineNanos()));
    } else if (to instanceof LinkState.Closed) {
      connection.lookAgain();
    }
  }

  private Session live() {
    return Objects.requireNonNull(session, "no generation in a state that has one");
  }

  // ----------------------------------------------------------------------- a generation's end

  /** What a generation left behind. */
  record Drained(CloseReason reason, boolean cleanly, int unsentMessages, long unsentBytes) {}

  /** The end of a generation, while it is carried out. */
  private static final class GenerationEnd {
    final CloseReason reason;
    final boolean orderly;
    final Traffic.Unsent unsent = new Traffic.Unsent();

    GenerationEnd(CloseReason reason, boolean orderly) {
      this.reason = reason;
      this.orderly = orderly;
    }

    Drained drained() {
      boolean cleanly = orderly && unsent.messages() == 0;
      return new Drained(reason, cleanly, unsent.messages(), unsent.bytes());
    }
  }

  /** May be called again, if there was no memory for all of it. */
  private void endGeneration(GenerationEnd end) {
    Wire ended = live().end(end.reason);
    if (ended != null) {
      notLetGo = ended;
      int unused = openSockets(); // forgets it, if it holds none
    }
    if (!live().hasConnected() && isFailure(end.reason)) {
      worked = null;
      avoided = live().reachedAddress();
    }
    connection.onGenerationEnded();
    if (inquiries != null) {
      inquiries.onGenerationEnded();
    }
    connection.traffic().endGeneration(end.reason, end.unsent);
    boolean unused = inbox.resumeReading(); // that of the next one
  }

  /** Whether an end says something of the way to the peer. */
  private static boolean isFailure(CloseReason reason) {
    return switch (reason.kind()) {
      case SUSPENDED, TASK_ENDED, PAUSED_BY_APP, CLOSED_BY_APP -> false;
      default -> true;
    };
  }

  private void tell(StateChange change, @Nullable Session latest) {
    if (connection.hasListeners()) {
      inbox.tell(latest, () -> connection.tellListeners(change));
    }
  }

  private static @Nullable CloseReason leavingReason(LinkState to) {
    return to instanceof LinkState.Flushing flushing ? flushing.reason() : null;
  }

  private void observe(StateChange change, LinkState to, @Nullable Session latest) {
    InetSocketAddress address = latest == null ? null : latest.address();
    long now = loop.nanoTime();
    long in = counters.received();
    long out = counters.sentUntilNow();
    reconciler
        .observers()
        .onStep(new Observer.Step(order, connection, change, to, address, now, in, out));
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

  private void tellEngine(LinkState from, LinkState to, @Nullable Drained drained) {
    if (from.state() == ConnectionState.DRAINING && to.state() == ConnectionState.OPEN) {
      reconciler.onTurnedBack(this);
    } else if (drained != null) {
      reconciler.onSocketGone(this, drained);
    }
    reconciler.onState(this, to);
  }

  // ------------------------------------------------------------------------------ whenOpen

  /** Completes {@code future} when the connection is open; fails it when it is closed for good. */
  void whenOpen(CompletableFuture<Void> future) {
    openWaiters.add(future, linkState().state());
  }

  /** Returns what is refused with that needs it to be open. Any thread. */
  NotOpenException notOpen(ConnectionState now) {
    if (reconciler.isRegistryClosed()) {
      return NotOpenException.inClosedRegistry(name(), now);
    } else if (now == ConnectionState.CLOSED) {
      return new NotOpenException(name(), now);
    } else if (connection.isClosed()) {
      return NotOpenException.ofClosed(name(), now);
    } else if (connection.isPaused()) {
      return NotOpenException.ofPaused(name(), now);
    }
    return new NotOpenException(name(), now);
  }

  /** How many wait for it to be open. */
  int waitersForOpen() {
    return openWaiters.size();
  }

  /** Whether it holds a wire, alive or not. */
  boolean holdsWire() {
    return notLetGo != null || (session != null && session.hasWire());
  }

  /** What a wire left open has gone. */
  void onReleased() {
    reconciler.onReleased();
  }

  /** Whether what an ended generation still holds is being closed. */
  boolean isReleasing() {
    Wire left = notLetGo;
    return left != null && openSockets() > 0 && left.releasesLater();
  }

  /** How many sockets it holds, as its wire counts them; one that can't has not let go. */
  int openSockets() {
    try {
      Session latest = session;
      if (latest != null && latest.endReason() == null) {
        return latest.openSockets();
      }
      int left = notLetGo == null ? 0 : notLetGo.openSockets();
      if (left == 0) {
        notLetGo = null;
      }
      return left;
    } catch (Throwable e) {
      CANNOT_COUNT.write(name(), e);
      return 1;
    }
  }

  // ------------------------------------------------------------------------- for its sessions

  Inquiries inquiries() {
    if (inquiries == null) {
      Callbacks threads = reconciler.environment().callbacks();
      inquiries = new Inquiries(reconciler, threads.blocking(), threads.computing());
    }
    return inquiries;
  }

  @Nullable InetSocketAddress worked() {
    return worked;
  }

  void worked(@Nullable InetSocketAddress address) {
    worked = address;
    avoided = null;
  }

  @Nullable InetSocketAddress avoided() {
    return avoided;
  }

  /** Returns false if reading is to stop. */
  boolean deliver(Session of, int bytes, Runnable callback, Runnable afterwards) {
    counters.addReceived(bytes);
    return inbox.deliver(of, bytes, callback, afterwards);
  }

  private void resumeReading() {
    Session latest = session;
    if (inbox.resumeReading() && latest != null) {
      latest.onWire(RESUME_READING);
    }
  }
}
