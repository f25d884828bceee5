package io.dormouse.stream;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.loop.Loop;
import io.dormouse.network.LookUps;
import io.dormouse.network.Network;
import io.dormouse.network.Reach;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** What a stream needs of its generation, which is not much. */
final class FakeGeneration implements Generation {
  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final String name;
  private final Loop loop;

  /** Blocking work that a test may answer for. */
  final Queue<Offloaded> offloaded = new ArrayDeque<>();

  Network network = Network.system();
  Reach reach = Reach.standard();
  InetSocketAddress worked;
  long connectTimeoutNanos = Long.MAX_VALUE;

  /** A piece of blocking work. */
  record Offloaded(Callable<?> work, Consumer<Object> done, Consumer<Exception> failed) {
    /** Does the work, and tells its outcome. On the loop. */
    void run() {
      Object result;
      try {
        result = work.call();
      } catch (Exception e) {
        failed.accept(e);
        return;
      }
      done.accept(result);
    }
  }

  FakeGeneration(String name, Loop loop) {
    this.name = name;
    this.loop = loop;
  }

  @Override
  public String connectionName() {
    return name;
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  public long connectTimeoutNanos() {
    return connectTimeoutNanos;
  }

  @Override
  public long closeTimeoutNanos() {
    return CLOSE_TIMEOUT.toNanos();
  }

  @Override
  public void connected() {}

  @Override
  public void flushed() {}

  @Override
  public void closed() {}

  @Override
  public void released() {}

  @Override
  public void ended(CloseReason reason) {}

  @Override
  public boolean deliver(int bytes, Runnable callback, Runnable afterwards) {
    afterwards.run();
    return true;
  }

  @Override
  public void countReceived(long bytes) {}

  @Override
  public void countSent(long bytes) {}

  @Override
  public void countHandshake(boolean isResumed) {}

  @Override
  public Reach reach() {
    return reach;
  }

  @Override
  public InetSocketAddress worked() {
    return worked;
  }

  /** A test answers with a list of addresses, or with a failure. */
  @Override
  public LookUps.Ticket resolve(String host, LookUps.Listener listener) {
    Callable<List<InetAddress>> work = () -> network.resolve(host);
    offload(work, addresses -> listener.found(addresses, true), listener::failed);
    return () -> {};
  }

  @Override
  public <V> void lookUp(
      Object key, Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
    offload(work, done, failed);
  }

  @Override
  public <V> void ask(Callable<V> supplier, Consumer<V> done, Consumer<Exception> failed) {
    offload(supplier, done, failed);
  }

  @Override
  public <V> void handshake(Callable<V> step, Consumer<V> done, Consumer<Exception> failed) {
    offload(step, done, failed);
  }

  @Override
  public void report(Runnable report) {
    offload(
        () -> {
          report.run();
          return true;
        },
        told -> {},
        failed -> {});
  }

  @Override
  @SuppressWarnings("unchecked") // the result of the work is what its consumer takes
  public <V> void offload(Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
    offloaded.add(new Offloaded(work, result -> done.accept((V) result), failed));
  }
}
