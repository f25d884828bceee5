package io.dormouse.architecture.wrong.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.Enumeration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/** Breaks rules on purpose: asks the system itself, past the network and the loop. */
public final class Asker {
  /** The name of a method is an access too. */
  public Callable<SocketChannel> opener = SocketChannel::open;

  /** Asks for everything else. */
  public long ask() throws IOException {
    DatagramChannel.open().close();
    InetAddress[] unused = InetAddress.getAllByName("localhost");
    Enumeration<NetworkInterface> unusedToo = NetworkInterface.getNetworkInterfaces();
    long random = ThreadLocalRandom.current().nextLong();
    return random + Instant.now().toEpochMilli() + System.nanoTime() + System.currentTimeMillis();
  }
}
