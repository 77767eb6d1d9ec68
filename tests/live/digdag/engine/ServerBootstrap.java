package io.digdag.server;

/** The name alone of what `digdag server` starts: the command line wants to find it, and is never asked for it. */
public class ServerBootstrap
{
}
