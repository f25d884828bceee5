package io.dormouse.http;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.engine.Outgoing;
import io.dormouse.engine.Wire;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of the client: it opens the gate and the socket factory, and shuts them. Sockets come
 * and go with the calls in between. Loop only.
 */
final class HttpWire implements Wire<Void> {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private final Generation generation;
  private final Gate gate;
  private final SocketTracker sockets;
  private final ConnectionPool pool;
  private final CallThreads threads;
  private final boolean cancelInFlight;

  HttpWire(
      Generation generation,
      Gate gate,
      SocketTracker sockets,
      ConnectionPool pool,
      CallThreads threads,
      boolean cancelInFlight) {
    this.generation = generation;
    this.gate = gate;
    this.sockets = sockets;
    this.pool = pool;
    this.threads = threads;
    this.cancelInFlight = cancelInFlight;
  }

  @Override
  public void connect() {
    threads.keepIdle();
    sockets.open();
    gate.open(generation);
    generation.connected();
  }

  @Override
  public void send(Outgoing<Void> message) {
    throw new IllegalStateException("calls go through the client");
  }

  @Override
  public void flush() {
    gate.drain(this::drained);
    if (gate.isDrained()) {
      generation.flushed();
    } else if (cancelInFlight && !gate.isBack()) {
      // If the app is back, a call may be in flight that began after that; unflush() is to come.
      List<Call> cut = gate.cutOff();
      offLoop(() -> cancel(cut), this::drained);
    }
  }

  /** Any thread: the last call in flight has ended. */
  private void drained() {
    try {
      generation
          .loop()
          .execute(
              () -> {
                if (gate.isDrained()) { // the app may have come back in between
                  generation.flushed();
                }
              });
    } catch (RejectedExecutionException e) {
      log.debug("{}: a call ended after the registry", generation.connectionName(), e);
    }
  }

  @Override
  public void unflush() {
    gate.reopen();
  }

  @Override
  public void softClose(CloseReason why) {
    List<Call> cut = gate.shut();
    List<Socket> left = sockets.shut();
    offLoop(
        () -> {
          evictIdle(); // TLS says goodbye, which can block
          close(left);
          cancel(cut);
          evictIdle(); // what was busy before
        },
        () -> {
          threads.letGo();
          generation.softClosed();
        });
  }

  @Override
  public void abort() {
    List<Call> cut = gate.shut();
    // The plain sockets below TLS and HTTP/2: closing them sends nothing and waits for nobody. All
    // that still blocks on them fails, a goodbye of softClose() too.
    close(sockets.shut());
    threads.letGo();
    offLoop(
        () -> {
          cancel(cut);
          evictIdle();
        },
        () -> {});
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

  private void evictIdle() {
    safely(pool::evictAll);
  }

  private void cancel(List<Call> calls) {
    calls.forEach(call -> safely(call::cancel));
  }

  private void close(List<Socket> open) {
    for (Socket socket : open) {
      safely(
          () -> {
            try {
              socket.close();
            } catch (IOException e) {
              log.debug("{}: a socket did not close well", generation.connectionName(), e);
            }
          });
    }
  }

  /** Sockets and listeners of calls may be the app's, and one that throws must not keep others. */
  private void safely(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      log.error("{}: code of the app threw on a suspend", generation.connectionName(), e);
    }
  }

  @Override
  public void resumeReading() {
    // Each call is read by the one who makes it.
  }

  @Override
  public int openSockets() {
    return sockets.openSockets();
  }
}
