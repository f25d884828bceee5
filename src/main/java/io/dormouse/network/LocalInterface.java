package io.dormouse.network;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of the system's network interfaces, as it was when it was looked at.
 *
 * @param name such as {@code wlan0}
 * @param index the system's number; another one when the interface was taken out and put in again
 * @param takesMulticast whether it is up, takes part in multicast, and is no part of another
 * @param addresses its own
 * @param handle what the system knows it by; null in a simulation
 */
public record LocalInterface(
    String name,
    int index,
    boolean takesMulticast,
    List<InetAddress> addresses,
    @Nullable NetworkInterface handle) {}
