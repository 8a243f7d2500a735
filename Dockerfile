# The command in an image: docker build -t actors:0.1.0 .
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Cli -c Release -o /app --nologo

# No shell, no package manager, and a user that is not root.
FROM mcr.microsoft.com/dotnet/runtime:10.0.12-noble-chiseled
COPY --from=build /app /app
USER 1654:1654
WORKDIR /tmp
# 4053: actors; 4054: links; 9464: metrics and health.
EXPOSE 4053 4054 9464
ENTRYPOINT ["dotnet", "/app/actors.dll"]
CMD ["node"]
