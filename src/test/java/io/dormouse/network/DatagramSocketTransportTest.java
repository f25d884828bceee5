package io.dormouse.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.support.Await;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The system's own UDP sockets, over the loopback interface. */
class DatagramSocketTransportTest extends DatagramContractTest {
  private final SelectorLoop loop = SelectorLoop.start("datagram-transport-test-io", () -> {});
  private final List<AutoCloseable> opened = new ArrayList<>();

  @Override
  void end() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    loop.stop();
    assertThat(loop.awaitEnd(10, TimeUnit.SECONDS)).isTrue();
  }

  @Override
  Network network() {
    return Network.system();
  }

  @Override
  Loop loop() {
    return loop;
  }

  @Override
  InetSocketAddress serveEcho() throws IOException {
    DatagramSocket server = new DatagramSocket(new InetSocketAddress(loopback(), 0));
    opened.add(server);
    Thread thread = new Thread(() -> echo(server), "datagram-transport-test-server");
    thread.setDaemon(true);
    thread.start();
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  private static void echo(DatagramSocket server) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[1_000], 1_000);
        server.receive(packet);
        server.send(packet);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Override
  InetSocketAddress unreachable() throws IOException {
    try (DatagramSocket closed = new DatagramSocket(new InetSocketAddress(loopback(), 0))) {
      return (InetSocketAddress) closed.getLocalSocketAddress();
    }
  }

  @Override
  void onLoop(TransportContractTest.Action action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            action.run();
            done.complete(null);
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    Void unused = Await.get(done);
  }

  @Override
  void until(String what, BooleanSupplier condition) {
    Await.until(
        what,
        () -> {
          boolean[] is = new boolean[1];
          onLoop(() -> is[0] = condition.getAsBoolean());
          return is[0];
        });
  }
}
