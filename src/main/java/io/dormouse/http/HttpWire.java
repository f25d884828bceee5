package io.dormouse.http;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Wire;
import io.dormouse.loop.Loop;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import okhttp3.Call;
import okhttp3.Dispatcher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation of the client: it opens the gate and the socket factory, and shuts them. Sockets
 * come and go with the calls in between. A call is never cancelled: its socket is closed, and the
 * gate refuses it another one. So it fails inside of our interceptors, which say why. Loop only.
 *
 * <p>A socket that can block as it is closed is not called on the loop: one of a class of the
 * app's, or one that lingers.
 */
final class HttpWire implements Wire {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** How often a drain looks for calls that are not worth waiting for any more. */
  private static final int LOOKS = 8;

  private final Generation generation;
  private final Gate gate;
  private final SharedDns names;
  private final SocketTracker sockets;
  private final Pools pools;
  private final CallThreads threads;
  private final Dispatcher dispatcher;
  private final long lookNanos;

  private boolean flushing;
  private int releasing; // sockets that are being closed after the end
  private Loop.@Nullable Timer nextLook;

  /**
   * Creates a wire that holds nothing yet.
   *
   * @param forgottenNanos after how long the gate gives up on a call with which nothing happens
   */
  HttpWire(
      Generation generation,
      Gate gate,
      SharedDns names,
      SocketTracker sockets,
      Pools pools,
      CallThreads threads,
      Dispatcher dispatcher,
      long forgottenNanos) {
    this.generation = generation;
    this.gate = gate;
    this.names = names;
    this.sockets = sockets;
    this.pools = pools;
    this.threads = threads;
    this.dispatcher = dispatcher;
    this.lookNanos = Math.max(1, forgottenNanos / LOOKS);
  }

  @Override
  public void connect() {
    threads.keepIdle();
    sockets.open();
    gate.open();
    generation.connected();
  }

  // -------------------------------------------------------------------------------- the drain

  @Override
  public void flush() {
    flushing = true;
    gate.drain(gate.hasUnannounced() ? begunCalls() : List.of(), this::drained);
    look();
  }

  /**
   * Returns the calls of the dispatcher. Only if it must be: {@code cancelAll()} calls the app's
   * event listeners under its lock.
   */
  private List<Call> begunCalls() {
    List<Call> begun = new ArrayList<>(dispatcher.queuedCalls());
    begun.addAll(dispatcher.runningCalls());
    return begun;
  }

  /** Takes back what has no socket, and looks whether there is still something to wait for. */
  private void look() {
    nextLook = null;
    List<Socket> connecting = gate.takeBack();
    names.leaveEnded();
    if (!connecting.isEmpty()) {
      offLoop(() -> connecting.forEach(sockets::close), () -> {});
    }
    if (!tellIfDrained()) {
      nextLook = generation.loop().schedule(lookNanos, this::look);
    }
  }

  private boolean tellIfDrained() {
    if (!flushing || !gate.isDrained()) {
      return false;
    }
    stopDrain();
    generation.flushed();
    return true;
  }

  /** Any thread: the last call that the drain waits for has ended. */
  private void drained() {
    onLoop(this::tellIfDrained); // the app may have come back in between
  }

  /** Any thread; also when the generation is over. */
  private void onLoop(Runnable task) {
    try {
      generation.loop().execute(task);
    } catch (RejectedExecutionException e) {
      log.debug(
          "{}: a call or its socket has ended after the registry", generation.connectionName(), e);
    }
  }

  @Override
  public void unflush() {
    stopDrain();
    gate.open();
  }

  private void stopDrain() {
    flushing = false;
    Loop.Timer timer = nextLook;
    nextLook = null;
    if (timer != null) {
      timer.cancel();
    }
  }

  // ---------------------------------------------------------------------------------- the end

  @Override
  public void closeGracefully(CloseReason why, long deadlineNanos) {
    stopDrain();
    gate.shut();
    names.leaveEnded();
    List<SocketTracker.Made> left = sockets.shut();
    offLoop(
        () -> {
          pools.evictIdle(); // TLS sends close_notify, which can block
          left.forEach(made -> sockets.close(made.socket()));
          pools.evictIdle(); // what was busy before
        },
        () -> {
          threads.endIdle();
          generation.closed();
        });
  }

  @Override
  public void abort() {
    stopDrain();
    gate.shut();
    names.leaveEnded();
    reset(sockets.shut());
    threads.endIdle();
    offLoop(pools::evictIdle, () -> {});
  }

  /**
   * Closes the plain sockets below TLS and HTTP/2: that sends nothing and waits for nobody, and all
   * that still blocks on them fails. Those that can block are closed elsewhere, and are {@linkplain
   * #releasesLater() waited for}.
   */
  private void reset(List<SocketTracker.Made> open) {
    for (SocketTracker.Made made : open) {
      if (made.closesAtOnce()) {
        sockets.reset(made.socket());
      } else {
        resetElsewhere(made.socket()); // each by itself: one that hangs must not keep the others
      }
    }
  }

  private void resetElsewhere(Socket socket) {
    offLoop(
        () -> {
          sockets.reset(socket);
          onLoop(this::released);
        },
        () -> {});
    releasing++;
  }

  private void released() {
    releasing--;
    if (releasing == 0) {
      generation.released();
    }
  }

  @Override
  public boolean releasesLater() {
    return releasing > 0;
  }

  /** Runs what may block; {@code done} runs on the loop unless the generation is over by then. */
  private void offLoop(Runnable work, Runnable done) {
    generation.offload(
        () -> {
          work.run();
          return true;
        },
        unused -> done.run(),
        failure -> {
          throw new IllegalStateException(failure); // so that the generation ends by abort()
        });
  }

  @Override
  public int openSockets() {
    return sockets.openSockets();
  }
}
