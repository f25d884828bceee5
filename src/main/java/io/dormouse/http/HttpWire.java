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
 * One life of the client: it opens the gate and the socket factory, and shuts them. Sockets come
 * and go with the calls in between. A call is never cancelled: its socket is closed, and the gate
 * refuses it another one. So it fails inside of our interceptors, which say why. Loop only.
 */
final class HttpWire implements Wire {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  /** How often a drain looks for calls that are not worth waiting for any more. */
  private static final int LOOKS = 8;

  private final Generation generation;
  private final Gate gate;
  private final SocketTracker sockets;
  private final Pools pools;
  private final CallThreads threads;
  private final Dispatcher dispatcher;
  private final long lookNanos;

  private boolean flushing;
  private Loop.@Nullable Timer nextLook;

  /**
   * Creates a wire that holds nothing yet.
   *
   * @param forgottenNanos after how long the gate gives up on a call with which nothing happens
   */
  HttpWire(
      Generation generation,
      Gate gate,
      SocketTracker sockets,
      Pools pools,
      CallThreads threads,
      Dispatcher dispatcher,
      long forgottenNanos) {
    this.generation = generation;
    this.gate = gate;
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
    gate.open(generation);
    generation.connected();
  }

  @Override
  public void flush() {
    flushing = true;
    List<Call> begun = new ArrayList<>(dispatcher.queuedCalls());
    begun.addAll(dispatcher.runningCalls());
    gate.drain(begun, this::drained);
    look();
  }

  /** Takes back what has no socket, and looks whether there is still something to wait for. */
  private void look() {
    nextLook = null;
    List<Socket> connecting = gate.takeBack();
    if (!connecting.isEmpty()) {
      offLoop(() -> close(connecting), () -> {});
    }
    if (!tellIfDrained()) {
      nextLook = generation.loop().schedule(lookNanos, this::look);
    }
  }

  private boolean tellIfDrained() {
    if (!flushing || !gate.isDrained()) {
      return false;
    }
    stopLooking();
    generation.flushed();
    return true;
  }

  private void stopLooking() {
    flushing = false;
    Loop.Timer timer = nextLook;
    nextLook = null;
    if (timer != null) {
      timer.cancel();
    }
  }

  /** Any thread: the last call that the drain waits for has ended. */
  private void drained() {
    try {
      generation.loop().execute(this::tellIfDrained); // the app may have come back in between
    } catch (RejectedExecutionException e) {
      log.debug("{}: a call ended after the registry", generation.connectionName(), e);
    }
  }

  @Override
  public void unflush() {
    stopLooking();
    gate.reopen();
  }

  @Override
  public void closeGracefully(CloseReason why, long deadlineNanos) {
    stopLooking();
    gate.shut(pools::evictIdle);
    List<Socket> left = sockets.shut();
    offLoop(
        () -> {
          pools.evictIdle(); // TLS says goodbye, which can block
          close(left);
          pools.evictIdle(); // what was busy before
        },
        () -> {
          threads.endIdle();
          generation.closed();
        });
  }

  @Override
  public void abort() {
    stopLooking();
    gate.shut(pools::evictIdle);
    // The plain sockets below TLS and HTTP/2: closing them sends nothing and waits for nobody. All
    // that still blocks on them fails, a close that TLS is about to say too.
    close(sockets.shut());
    threads.endIdle();
    offLoop(pools::evictIdle, () -> {});
  }

  /** Runs what may block; {@code done} runs on the loop unless the generation is over by then. */
  private void offLoop(Runnable work, Runnable done) {
    generation.offload(
        () -> {
          work.run();
          return true;
        },
        unused -> done.run(),
        failure ->
            generation.ended(
                CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, "closing failed", failure)));
  }

  /** Sockets may be the app's, and one that throws must not keep the others. */
  private void close(List<Socket> open) {
    for (Socket socket : open) {
      try {
        socket.close();
      } catch (Throwable e) {
        log.debug("{}: closing a socket threw {}", generation.connectionName(), e.getClass());
      }
    }
  }

  @Override
  public int openSockets() {
    return sockets.openSockets();
  }
}
