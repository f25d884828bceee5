package io.dormouse.udp;

import io.dormouse.loop.Loop;
import io.dormouse.network.DatagramTransport;
import io.dormouse.network.ForwardingDatagrams;
import io.dormouse.network.ForwardingNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sockets of the system whose send buffer has room for as many datagrams as a test says: on the
 * loopback interface a real one is never full.
 */
final class StingyNetwork extends ForwardingNetwork {
  final List<Stingy> sockets = new ArrayList<>();

  @Override
  public DatagramTransport openDatagrams(Optional<ProtocolFamily> family) throws IOException {
    Stingy opened = new Stingy(super.openDatagrams(family));
    sockets.add(opened);
    return opened;
  }

  static final class Stingy extends ForwardingDatagrams {
    final AtomicInteger room = new AtomicInteger();
    volatile boolean broken;

    Stingy(DatagramTransport real) {
      super(real);
    }

    @Override
    public int send(ByteBuffer data, InetSocketAddress to) throws IOException {
      if (room.get() == 0) {
        return 0;
      }
      if (broken) {
        throw new IllegalStateException("broken on purpose");
      }
      room.decrementAndGet();
      return super.send(data, to);
    }

    /** Says that it is writable only when it has room. */
    @Override
    public Loop.Registration watch(Loop loop, int ops, Loop.Handler handler) throws IOException {
      return super.watch(
          loop,
          ops,
          ready -> {
            int told = room.get() > 0 ? ready : ready & ~SelectionKey.OP_WRITE;
            if (told != 0) {
              handler.ready(told);
            }
          });
    }
  }
}
