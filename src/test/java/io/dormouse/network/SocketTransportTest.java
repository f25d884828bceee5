package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.support.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The system's own sockets, over the loopback interface. */
class SocketTransportTest extends TransportContractTest {
  private final SelectorLoop loop = SelectorLoop.start("socket-transport-test-io", () -> {});
  private final List<AutoCloseable> opened = Collections.synchronizedList(new ArrayList<>());

  @Override
  void end() throws Exception {
    for (AutoCloseable each : List.copyOf(opened)) {
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
  InetSocketAddress serve(Behaviour behaviour) throws IOException {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    opened.add(server);
    Thread thread =
        new Thread(
            () -> {
              try {
                Socket socket = server.accept();
                opened.add(socket);
                play(behaviour, socket);
              } catch (IOException e) {
                // The test is over.
              }
            },
            "socket-transport-test-server");
    thread.setDaemon(true);
    thread.start();
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** Has something closed when the test is over. */
  void closeInTheEnd(AutoCloseable each) {
    opened.add(each);
  }

  private static void play(Behaviour behaviour, Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    switch (behaviour) {
      case ECHOES -> {
        byte[] bytes = new byte[1_000];
        for (int n = in.read(bytes); n > 0; n = in.read(bytes)) {
          socket.getOutputStream().write(bytes, 0, n);
        }
        socket.shutdownOutput();
      }
      case READS_NOTHING -> {}
      case ENDS_ITS_SIDE_AFTER_WORDS -> {
        socket.getOutputStream().write(WORDS.getBytes(US_ASCII));
        socket.shutdownOutput();
      }
      case RESETS_AFTER_A_BYTE -> {
        int unused = in.read();
        socket.setSoLinger(true, 0);
        socket.close();
      }
    }
  }

  @Override
  InetSocketAddress refused() throws IOException {
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) closed.getLocalSocketAddress();
    }
  }

  @Override
  void onLoop(Action action) {
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
