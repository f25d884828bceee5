package io.dormouse.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The system's own sockets, over the loopback interface. */
class SocketTransportTest extends TransportContractTest {

  private final LoopFrame.Real frame = new LoopFrame.Real();

  @Override
  LoopFrame frame() {
    return frame;
  }

  @Override
  InetSocketAddress serve(Behaviour behaviour) throws IOException {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    frame.closeAtTheEnd(server);
    Thread thread =
        new Thread(
            () -> {
              try {
                Socket socket = server.accept();
                frame.closeAtTheEnd(socket);
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
    return frame.refused();
  }

  @Test
  void theSocketIsSetUpAsTheOptionsSay() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    NetworkChannel all =
        channelOf(
            new TransportOptions(
                Optional.of(new InetSocketAddress(loopback, 0)),
                false,
                true,
                OptionalInt.of(40_000),
                OptionalInt.of(60_000)));

    assertThat(all.getOption(StandardSocketOptions.TCP_NODELAY)).isFalse();
    assertThat(all.getOption(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
    int sent = all.getOption(StandardSocketOptions.SO_SNDBUF); // what Linux says is twice as much
    assertThat(sent).isIn(40_000, 80_000);
    int received = all.getOption(StandardSocketOptions.SO_RCVBUF);
    assertThat(received).isIn(60_000, 120_000);
    assertThat(((InetSocketAddress) all.getLocalAddress()).getAddress()).isEqualTo(loopback);

    NetworkChannel standard = channelOf(TransportOptions.standard());
    assertThat(standard.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
    assertThat(standard.getOption(StandardSocketOptions.SO_KEEPALIVE)).isFalse();
    assertThat(standard.getLocalAddress()).isNull();
  }

  /** Returns the channel that a loop would be given. */
  private NetworkChannel channelOf(TransportOptions options) throws IOException {
    List<Object> registered = new ArrayList<>();
    Loop loop =
        (Loop)
            Proxy.newProxyInstance(
                Loop.class.getClassLoader(),
                new Class<?>[] {Loop.class},
                (proxy, method, arguments) -> {
                  registered.add(arguments[0]);
                  return null;
                });
    Transport transport = SocketTransport.open(options);
    frame.closeAtTheEnd(transport);
    Loop.Registration unused = transport.watch(loop, 0, ready -> {});
    return (NetworkChannel) registered.get(0);
  }
}
