package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is remembered of sockets that OkHttp closes without telling anybody. */
class SocketTrackerTest {
  private static final int MANY = 200;

  private final Queue<Runnable> blocking = new ArrayDeque<>();

  private static ConnectionView alwaysAwake() {
    return (ConnectionView)
        Proxy.newProxyInstance(
            ConnectionView.class.getClassLoader(),
            new Class<?>[] {ConnectionView.class},
            (proxy, method, arguments) -> method.getName().equals("mayBegin") ? true : "api");
  }

  private SocketTracker tracker(Supplier<Socket> sockets) {
    ConnectionView connection = alwaysAwake();
    Gate gate = new Gate(connection, () -> 0, InFlight.DRAIN, 1, () -> {});
    SocketTracker tracker =
        new SocketTracker(new OwnSockets(sockets), connection, gate, blocking::add);
    tracker.open();
    return tracker;
  }

  private void runBlocking() {
    while (!blocking.isEmpty()) {
      blocking.remove().run();
    }
  }

  @Test
  void closedOnesAreForgottenInTheLongRun() throws IOException {
    SocketTracker tracker = tracker(Socket::new);
    for (int i = 0; i < MANY; i++) {
      tracker.createSocket().close();
      runBlocking();
    }
    assertThat(tracker.openSockets()).isLessThan(MANY / 10);
  }

  @Test
  void openOnesAreNot() throws IOException {
    SocketTracker tracker = tracker(Socket::new);
    List<Socket> sockets = new ArrayList<>();
    int sweeps = 0;
    for (int i = 0; i < MANY; i++) {
      sockets.add(tracker.createSocket());
      sweeps += blocking.size();
      runBlocking();
    }
    assertThat(tracker.openSockets()).isEqualTo(MANY);
    assertThat(sweeps).as("looks at all of them").isBetween(1, 10);
    assertThat(tracker.shut()).extracting(SocketTracker.Made::socket).isEqualTo(sockets);
    sockets.forEach(tracker::close);
    assertThat(tracker.openSockets()).isZero();
  }

  /** One of the app's that throws whatever it is asked keeps no other. */
  @Test
  void nobodyIsKeptByOneThatThrows() throws IOException {
    Queue<Socket> sockets = new ArrayDeque<>();
    sockets.add(
        new Socket() {
          @Override
          public boolean isClosed() {
            throw new IllegalStateException();
          }

          @Override
          public synchronized void close() {}
        });
    SocketTracker tracker = tracker(() -> sockets.isEmpty() ? new Socket() : sockets.remove());
    for (int i = 0; i < MANY; i++) {
      tracker.createSocket().close();
      runBlocking();
    }
    assertThat(tracker.openSockets()).isBetween(1, MANY / 10);
  }

  /** As with JDK 21, where a socket is closed for whoever asks before its close has returned. */
  @Test
  void oneIsOpenUntilItsCloseHasReturned() throws IOException {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    SocketTracker tracker =
        tracker(
            () ->
                new Socket() {
                  @Override
                  public boolean isClosed() {
                    return true;
                  }

                  @Override
                  public synchronized void close() throws IOException {
                    asked.countDown();
                    Await.hold(release);
                    super.close();
                  }
                });
    while (blocking.isEmpty()) {
      Socket unused = tracker.createSocket();
    }
    int made = tracker.openSockets();
    Thread sweeps = new Thread(this::runBlocking);
    sweeps.start();
    Await.latch(asked);
    assertThat(tracker.openSockets()).isEqualTo(made);
    release.countDown();
    Await.until("closed", () -> tracker.openSockets() == 0);
  }
}
