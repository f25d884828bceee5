package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionKind;
import io.dormouse.log.LogLine;
import io.dormouse.loop.LackOfMemory;
import io.dormouse.loop.Loop;
import io.dormouse.network.LookUps;
import io.dormouse.network.Network;
import io.dormouse.network.Reach;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A generation as its wire sees it, and the guard around that wire: whatever the wire throws, on
 * whatever call, ends the generation and nothing else. Loop only, except where a method says
 * otherwise.
 */
final class Session implements Generation {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");
  private static final LogLine WIRE_THREW = LogLine.error(log, "{}: the wire threw");
  private static final LogLine NOT_LET_GO =
      LogLine.error(log, "{}: the wire failed to let go of its socket");

  private final Link link;
  private final Reconciler reconciler;
  private final long number;
  private final Loop guardedLoop;

  /** Null before the beginning, and from the end on: what it holds is let go with it. */
  private @Nullable Wire wire;

  private @Nullable InetSocketAddress address;
  private @Nullable InetSocketAddress reached;
  private boolean hasConnected;
  private boolean wireEnded; // it must not be called any more, but to let go
  private boolean letGo; // it holds no socket that it could let go of
  private @Nullable Throwable thrown;

  /** Made beforehand: it is for when there is no memory. */
  private final Runnable fail = this::fail;

  /** What was thrown off the loop; null if nothing was. Any thread. */
  private volatile @Nullable Throwable elsewhere;

  /** Something received may not have reached the app. Any thread. */
  private volatile boolean receivedIsLost;

  /** Why it is over; null while it is not. Any thread. */
  private volatile @Nullable CloseReason endReason;

  Session(Link link, Reconciler reconciler, long number) {
    this.link = link;
    this.reconciler = reconciler;
    this.number = number;
    this.guardedLoop = new GuardedLoop(reconciler.loop(), this);
  }

  long number() {
    return number;
  }

  /** Returns whether it is one of this connection's. Any thread. */
  boolean isOf(Link ofLink) {
    return link == ofLink;
  }

  /** Returns why it is over; null while it is not. Any thread. */
  @Nullable CloseReason endReason() {
    return endReason;
  }

  /** Returns the address that was tried last; null if there was none yet. */
  @Nullable InetSocketAddress address() {
    return address;
  }

  private boolean isLive() {
    return endReason == null;
  }

  // ------------------------------------------------------------------------------ what Link does

  /** Makes the wire, and has it connect. */
  void begin() {
    guard(
        () -> {
          Wire made = link.connection().makeWire(this);
          wire = made;
          made.connect();
        });
  }

  /** Does something with the wire, if there is one. */
  void onWire(Consumer<Wire> action) {
    Wire current = wire;
    if (current != null && !wireEnded) {
      try { // no guard(…): what it is given is an object, and there may be no memory for it
        action.accept(current);
      } catch (Throwable e) {
        thrown(e);
      }
    }
  }

  /** Returns whether there is a wire that may be called. */
  boolean mayCallWire() {
    return wire != null && !wireEnded;
  }

  boolean hasWire() {
    return wire != null;
  }

  int openSockets() {
    return wire == null ? 0 : wire.openSockets();
  }

  /**
   * Ends it for this reason: the wire lets go of its sockets, and this of the wire. May be called
   * again if there was no memory for that.
   *
   * @return the wire that was let go; null if there was none
   */
  @Nullable Wire end(CloseReason reason) {
    endReason = reason;
    abort();
    Wire ended = wire;
    wire = null;
    return ended;
  }

  private void abort() {
    Wire current = wire;
    wireEnded = true;
    if (current == null || letGo) {
      return;
    }
    try {
      current.abort();
    } catch (Throwable e) {
      if (LackOfMemory.is(e)) {
        throw e; // it is done again
      }
      NOT_LET_GO.write(connectionName(), e);
    }
    letGo = true;
  }

  // ----------------------------------------------------------------------------------- the guard

  /**
   * Runs what the wire does. If that throws, the generation is over: an Error too, since a class
   * that is missing must not stop the others, and since bytes may be lost if there was no memory to
   * take them.
   */
  void guard(Runnable action) {
    try {
      action.run();
    } catch (Throwable e) {
      thrown(e);
    }
  }

  /** The same, unless the generation is over. */
  void guardIfLive(Runnable action) {
    if (isLive()) {
      guard(action);
    }
  }

  /** The wire has thrown this. */
  void thrown(Throwable e) {
    if (thrown == null) {
      thrown = e;
    }
    try {
      abort(); // at once: from now on it receives nothing
      link.run(fail);
    } catch (VirtualMachineError noMemory) { // which is found out then
      link.attendSoon();
    }
    WIRE_THREW.write(connectionName(), e);
  }

  private void fail() {
    if (isLive()) {
      Throwable cause = Objects.requireNonNull(thrown);
      // Its message may be of the app's making, so only the cause has it.
      String detail = cause.getClass().getName();
      CloseReason reason = CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, detail, cause);
      link.step(new Event.Ended(reason, false));
    }
  }

  /** Ends it, for what was thrown off the loop. Any thread. */
  void thrownElsewhere(Throwable e) {
    elsewhere = e;
    link.attendSoon();
  }

  /** Ends it, if something was thrown and that could not be said yet. */
  void failIfThrown() {
    Throwable e = thrown == null ? elsewhere : thrown;
    if (e != null && isLive()) {
      thrown(e);
    }
  }

  /** Runs this on the loop, unless the generation is over by then. Any thread. */
  void post(Runnable action) {
    boolean unused = reconciler.tasks().execute(() -> guardIfLive(action));
  }

  // ------------------------------------------------------------------------- what the wire tells

  private void tell(Event event) {
    link.run(
        () -> {
          if (isLive()) {
            link.step(event);
          }
        });
  }

  @Override
  public String connectionName() {
    return link.name();
  }

  @Override
  public Loop loop() {
    return guardedLoop;
  }

  @Override
  public Network network() {
    return reconciler.environment().network();
  }

  @Override
  public long connectTimeoutNanos() {
    return link.options().connectTimeout().toNanos();
  }

  @Override
  public long closeTimeoutNanos() {
    return reconciler.environment().settings().closeTimeout().toNanos();
  }

  @Override
  public void trying(InetSocketAddress next) {
    address = next;
  }

  @Override
  public Reach reach() {
    return link.options().reach();
  }

  /**
   * A WebSocket is best sent through the proxy for HTTPS, since that opens tunnels (RFC 6455,
   * section 4.1, in the steps of connecting). The platform's selectors don't know its own schemes.
   */
  @Override
  public String proxyScheme() {
    return link.options().kind() == ConnectionKind.WEBSOCKET
        ? "https"
        : Generation.super.proxyScheme();
  }

  @Override
  public @Nullable InetSocketAddress worked() {
    return link.worked();
  }

  @Override
  public @Nullable InetSocketAddress avoided() {
    return link.avoided();
  }

  @Override
  public void reached(InetSocketAddress at) {
    address = at;
    reached = at;
  }

  /** Returns the address that it is or was connected to; null if it has reached none. */
  @Nullable InetSocketAddress reachedAddress() {
    return reached;
  }

  /** Returns whether its wire has been connected, handshakes included. */
  boolean hasConnected() {
    return hasConnected;
  }

  @Override
  public void connected() {
    if (isLive()) {
      hasConnected = true;
      link.worked(reached);
    }
    tell(Event.CONNECTED);
  }

  @Override
  public void flushed() {
    tell(Event.FLUSHED);
  }

  @Override
  public void closed() {
    wireEnded = true;
    letGo = true;
    tell(new Event.Ended(CloseReason.of(CloseReason.Kind.PEER_CLOSED), true));
  }

  @Override
  public void ended(CloseReason reason) {
    wireEnded = true;
    letGo = true;
    boolean orderly = reason.kind() == CloseReason.Kind.PEER_CLOSED;
    tell(new Event.Ended(reconciler.attribute(link, reason), orderly));
  }

  @Override
  public void released() {
    link.onReleased();
  }

  @Override
  public boolean deliver(int bytes, Runnable callback, Runnable afterwards) {
    failIfThrown(); // if that is not done yet
    if (!isLive()) {
      afterwards.run();
      return true;
    }
    return link.deliver(this, bytes, callback, afterwards);
  }

  @Override
  public void countReceived(long bytes) {
    link.counters().addReceived(bytes);
  }

  @Override
  public void countSent(long bytes) {
    link.counters().addSent(bytes);
  }

  @Override
  public void countHandshake(boolean isResumed) {
    link.counters().addHandshake(isResumed);
  }

  /** Returns whether something received may not have reached the app. Any thread. */
  boolean hasLostReceived() {
    return receivedIsLost;
  }

  /** Something received may not have reached the app: the generation ends. Any thread. */
  void receivedIsLost(OutOfMemoryError e) {
    receivedIsLost = true;
    thrownElsewhere(e);
  }

  // ------------------------------------------------------------------------------- blocking work

  @Override
  public LookUps.Ticket resolve(String host, LookUps.Listener listener) {
    if (!isLive()) {
      return () -> {};
    }
    return link.inquiries().resolve(this, reach().dns().orElse(null), host, listener);
  }

  @Override
  public <V> void lookUp(
      Object key, Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
    if (isLive()) {
      link.inquiries().lookUp(this, key, work, done, failed);
    }
  }

  @Override
  public <V> void ask(Callable<V> supplier, Consumer<V> done, Consumer<Exception> failed) {
    if (isLive()) {
      link.inquiries().ask(this, supplier, done, failed);
    }
  }

  @Override
  public <V> void handshake(Callable<V> step, Consumer<V> done, Consumer<Exception> failed) {
    if (isLive()) {
      link.inquiries().handshake(this, step, done, failed);
    }
  }

  @Override
  public void report(Runnable report) {
    link.inquiries().report(this, report);
  }

  @Override
  public <V> void offload(Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
    Runnable offLoop =
        () -> {
          try {
            V result = work.call();
            post(() -> done.accept(result));
          } catch (Exception e) {
            post(() -> failed.accept(e));
          } catch (Error e) { // a class of the app's that is missing, for one
            post(() -> failed.accept(new ExecutionException(e)));
          }
        };
    try {
      reconciler.environment().callbacks().blocking().execute(offLoop);
    } catch (RejectedExecutionException e) {
      log.debug("{}: the registry has ended", connectionName(), e);
    }
  }
}
