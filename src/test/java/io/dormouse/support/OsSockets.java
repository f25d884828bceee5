package io.dormouse.support;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The sockets of this process as the operating system counts them: file descriptors of {@code
 * /proc/self/fd} joined by inode with the tables of {@code /proc/self/net}. Linux only.
 */
public final class OsSockets {
  /**
   * One socket.
   *
   * @param protocol tcp, tcp6, udp or udp6
   * @param localPort 0 if not bound
   * @param remotePort 0 if not connected
   * @param state the kernel's number: 1 is established, 10 (0A) is listening
   */
  public record OsSocket(String protocol, int localPort, int remotePort, int state) {
    /** Returns whether it only accepts others. */
    public boolean isListening() {
      return protocol.startsWith("tcp") && state == 10;
    }
  }

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final List<String> TABLES = List.of("tcp", "tcp6", "udp", "udp6");

  /** In the column of the state; no other has two digits of which the first is 0. */
  private static final String TIME_WAIT = " 06 ";

  private OsSockets() {}

  /** Returns whether this system has the tables. */
  public static boolean isAvailable() {
    return Files.isReadable(Path.of("/proc/self/net/tcp")) && Files.isDirectory(DESCRIPTORS);
  }

  /** Returns the TCP and UDP sockets that this process has open now. */
  public static List<OsSocket> list() {
    try {
      // The descriptors first: one that is closed in between is then in no table and not counted.
      Set<String> inodes = inodes();
      List<OsSocket> sockets = new ArrayList<>();
      for (String table : TABLES) {
        Path file = Path.of("/proc/self/net", table);
        if (Files.isReadable(file)) {
          List<String> lines = Files.readAllLines(file);
          for (String line : lines.subList(1, lines.size())) {
            if (line.contains(TIME_WAIT)) {
              continue; // of no process, and there are thousands
            }
            String[] fields = line.trim().split("\\s+", -1);
            if (inodes.contains(fields[9])) {
              sockets.add(
                  new OsSocket(
                      table, port(fields[1]), port(fields[2]), Integer.parseInt(fields[3], 16)));
            }
          }
        }
      }
      return sockets;
    } catch (IOException e) {
      throw new IllegalStateException("the system's socket tables can't be read", e);
    }
  }

  /** Counts this process's sockets that are connected to a port, on any host. */
  public static long connectedTo(int port) {
    return count(socket -> socket.remotePort() == port);
  }

  /** Counts this process's sockets that a predicate takes. */
  public static long count(Predicate<OsSocket> which) {
    return list().stream().filter(which).count();
  }

  /** Counts the socket descriptors of this process, of whatever kind, listed or not. */
  public static int descriptors() {
    try {
      return inodes().size();
    } catch (IOException e) {
      throw new IllegalStateException("the process's descriptors can't be read", e);
    }
  }

  private static Set<String> inodes() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path entry : entries) {
        try {
          String target = Files.readSymbolicLink(entry).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (NoSuchFileException e) {
          // Closed since the folder was listed, so it does not count.
        }
      }
    }
    return inodes;
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
  }
}
