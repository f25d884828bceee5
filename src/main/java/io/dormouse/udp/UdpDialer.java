package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.network.DatagramTransport;
import io.dormouse.network.Endpoint;
import io.dormouse.network.Ipv4;
import io.dormouse.network.LookUps;
import io.dormouse.network.Network;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Comes from a connection's options to an open socket: asks the app whom to connect to, has names
 * looked up, opens. Loop only; what may block runs elsewhere.
 */
final class UdpDialer {
  /** Takes the socket over. */
  interface Opened {
    /** If this throws, the attempt has failed, and the socket is closed. */
    void opened(DatagramTransport socket, Resolved resolved) throws IOException;
  }

  private final Generation generation;
  private final UdpOptions options;
  private final Network network;
  private final Resolver resolver;
  private final Opened opened;
  private final Consumer<CloseReason> failed;
  private LookUps.@Nullable Ticket lookUp;
  private boolean stopped;

  UdpDialer(
      Generation generation,
      UdpOptions options,
      Network network,
      Resolver resolver,
      Opened opened,
      Consumer<CloseReason> failed) {
    this.generation = generation;
    this.options = options;
    this.network = network;
    this.resolver = resolver;
    this.opened = opened;
    this.failed = failed;
  }

  /** Begins. */
  void dial() {
    Endpoint peer = options.peer().orElse(null);
    if (peer instanceof Endpoint.Asked app) {
      Callable<InetSocketAddress> supplier = app.supplier();
      // Null all the same, if the app says so.
      generation.ask(() -> Optional.ofNullable(supplier.call()), this::asked, this::supplierFailed);
    } else if (peer instanceof Endpoint.Known known) {
      resolve(known.address());
    } else {
      resolve(null);
    }
  }

  /** Opens no socket from now on. */
  void stop() {
    stopped = true;
    if (lookUp != null) {
      lookUp.leave();
      lookUp = null;
    }
  }

  private void asked(Optional<InetSocketAddress> address) {
    Optional<String> problem = Endpoint.problemOf(address.orElse(null));
    if (problem.isPresent()) {
      String detail = "the supplier of the address gave what can't be one: " + problem.get();
      failed.accept(CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, detail));
    } else {
      resolve(address.get());
    }
  }

  private void supplierFailed(Exception e) {
    // The app's text may hold anything, so only the cause has it.
    Throwable thrown = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    String detail = "the supplier of the address threw " + thrown.getClass().getName();
    failed.accept(CloseReason.of(CloseReason.Kind.SUPPLIER_FAILED, detail, thrown));
  }

  private void resolve(@Nullable InetSocketAddress named) {
    InetSocketAddress peer = withoutName(named);
    if (peer == null) {
      resolveInterfaces(List.of());
    } else if (peer.isUnresolved()) {
      lookUp = generation.resolve(peer.getHostString(), new LookingUp(peer));
    } else {
      resolveInterfaces(List.of(peer));
    }
  }

  /** What the look-up of the peer tells. */
  private final class LookingUp implements LookUps.Listener {
    private final InetSocketAddress peer;
    private final List<InetSocketAddress> usable = new ArrayList<>();

    LookingUp(InetSocketAddress peer) {
      this.peer = peer;
    }

    @Override
    public void found(List<InetAddress> addresses, boolean last) {
      for (InetAddress address : addresses) {
        if (options.speaksTo(address)) {
          usable.add(new InetSocketAddress(address, peer.getPort()));
        }
      }
      if (last && usable.isEmpty()) {
        String protocol = options.family().map(Object::toString).orElse("");
        String detail = peer.getHostString() + " has no address of the family " + protocol;
        failed.accept(CloseReason.of(CloseReason.Kind.UNRESOLVED, detail));
      } else if (last) {
        resolveInterfaces(usable);
      }
    }

    @Override
    public void failed(Exception why) {
      failed.accept(generation.lookUpFailed(peer.getHostString(), why));
    }
  }

  private void resolveInterfaces(List<InetSocketAddress> peers) {
    if (options.namesInterfaces()) {
      generation.lookUp(
          UdpWire.class,
          resolver::resolve,
          resolved -> open(resolved.withPeers(peers)),
          this::failed);
    } else {
      Resolved resolved = Resolved.NOTHING.withPeers(peers);
      // Not now: if the generation before closed its socket in this iteration of the loop, that
      // still holds the port that this one is to be bound to.
      generation.loop().execute(() -> open(resolved));
    }
  }

  /** Returns an address in numbers as what it is, since it needs no look-up. */
  private @Nullable InetSocketAddress withoutName(@Nullable InetSocketAddress peer) {
    if (peer == null || !peer.isUnresolved()) {
      return peer;
    }
    return Ipv4.parse(peer.getHostString())
        .filter(options::speaksTo)
        .map(address -> new InetSocketAddress(address, peer.getPort()))
        .orElse(peer);
  }

  private void open(Resolved resolved) {
    if (stopped) {
      return;
    }
    DatagramTransport socket;
    try {
      socket = UdpSocket.open(network, options, resolved);
    } catch (AttemptFailedException e) {
      failed(e);
      return;
    }
    boolean takenOver = false;
    try {
      opened.opened(socket, resolved);
      takenOver = true;
    } catch (IOException e) {
      failed(e);
    } finally {
      if (!takenOver) {
        UdpSocket.close(socket);
      }
    }
  }

  private void failed(Exception e) {
    if (e instanceof AttemptFailedException attempt) {
      failed.accept(attempt.reason());
    } else if (e instanceof IOException) {
      String detail = String.valueOf(e.getMessage());
      failed.accept(CloseReason.of(CloseReason.Kind.CONNECT_FAILED, detail, e));
    } else {
      String detail = e.getClass().getName();
      failed.accept(CloseReason.of(CloseReason.Kind.INTERNAL_ERROR, detail, e));
    }
  }
}
